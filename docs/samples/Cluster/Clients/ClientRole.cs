using System.Collections.Concurrent;
using System.Net;
using Resilience.Polly;
using Resilience.Polly.Http;

namespace Cluster;

/// <summary>A client of the shop that makes many orders at once. After a kill it goes on with the orders in its journal, with the same keys.</summary>
internal sealed class ClientRole(RoleSettings settings, ResilientClient client, Journal journal)
{
    public const string Name = "client";

    /// <summary>The file that tells clients to begin no more orders.</summary>
    public const string StopFile = "stop";

    private const int AtOnce = 12;
    private const double ChanceOfSecondClick = 0.05;

    private readonly ConcurrentQueue<Order> _unfinished = new(journal.Purchases.Where(purchase => purchase.Ending == Ending.Open).Select(purchase => purchase.Order));
    private int _begun = journal.Purchases.Count;
    private int _next;

    public static async Task<int> RunAsync(string[] args)
    {
        var settings = RoleSettings.Of(args);
        Parent.EndWithIt();
        using var journal = new Journal(settings.Folder, settings.Name);
        await using var pipelines = ResiliencePipelines.Create(resilience => resilience.Services.AddResilientClient("shop", options =>
        {
            options.PartitionBy = PartitionBy.Authority; // a circuit for each process of the shop
            (options.Timeout.Connect, options.Timeout.Read) = (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(8));
            (options.Retry.MinWait, options.Retry.MaxWait) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
            options.CircuitBreaker.RecoveryTimeout = TimeSpan.FromMilliseconds(500);
        }));
        var role = new ClientRole(settings, pipelines.GetClient("shop"), journal);
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => role.BuyAsync()));
        return 0;
    }

    private async Task BuyAsync()
    {
        while (NextOrder() is { } order)
        {
            await SendUntilAnsweredAsync(order);
            if (Random.Shared.NextDouble() < ChanceOfSecondClick)
            {
                await SendUntilAnsweredAsync(order); // the same request gets the same answer
            }
        }
    }

    private Order? NextOrder()
    {
        if (_unfinished.TryDequeue(out var unfinished))
        {
            return unfinished;
        }

        var number = Interlocked.Increment(ref _begun);
        if (number > (settings.Orders ?? int.MaxValue) || File.Exists(Path.Combine(settings.Folder, StopFile)))
        {
            return null;
        }

        var order = new Order($"{settings.Name}-{number}", Random.Shared.Next(100, 100_000));
        journal.Begin(order);
        return order;
    }

    // Sends the order to one process of the shop after another, until one gives an answer that is final.
    private async Task SendUntilAnsweredAsync(Order order)
    {
        while (true)
        {
            var shop = settings.ServiceList[(int)((uint)Interlocked.Increment(ref _next) % settings.ServiceList.Count)];
            try
            {
                using var answer = await client.PostJsonAsync($"{shop}/orders", order, requestId: order.Id);
                var confirmation = await answer.Content.ReadFromJsonAsync<Confirmation>();
                var isKnown = answer.StatusCode == HttpStatusCode.Created;
                journal.End(order, isKnown ? Ending.Confirmed : Ending.Unknown, isKnown ? confirmation!.Charge!.Value : 0);
                return;
            }
            catch (ApiCallException failure) when (failure is ApiConnectionException || (failure is ApiConflictException conflict && conflict.IsStillRunning()))
            {
                await Task.Delay(Random.Shared.Next(50, 250)); // the shop was killed, has no payments, or still works on it: the order goes on
            }
            catch (ApiStatusException refused)
            {
                journal.End(order, Ending.Failed, (long)refused.StatusCode!);
                return;
            }
        }
    }
}
