using System.Collections.Concurrent;

namespace Storefront;

/// <summary>The traffic: shoppers who check out, think, and check out again.</summary>
internal sealed class Shoppers(Checkout checkout, Timeline timeline)
{
    private const int Count = 8;

    private static readonly string[] Products = ["lamp", "chair", "teapot", "blanket", "mirror", "basket"];

    private readonly ConcurrentQueue<CheckoutReport> _reports = new();

    public IReadOnlyCollection<CheckoutReport> Reports => _reports;

    /// <summary>Ends when all shoppers have left. Each finishes a checkout that has begun, since money may be on its way.</summary>
    public Task RunAsync(CancellationToken closing) => Task.WhenAll(Enumerable.Range(0, Count).Select(_ => ShopAsync(closing)));

    private async Task ShopAsync(CancellationToken closing)
    {
        while (!closing.IsCancellationRequested)
        {
            var think = TimeSpan.FromMilliseconds(Random.Shared.Next(300, 900));
            await Task.Delay(think, closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!closing.IsCancellationRequested)
            {
                var report = await CheckOutAsync();
                _reports.Enqueue(report);
                timeline.Tell(report);
            }
        }
    }

    private async Task<CheckoutReport> CheckOutAsync()
    {
        var id = Guid.CreateVersion7().ToString("N");
        try
        {
            return new CheckoutReport(id, await checkout.ProcessAsync(id, userId: Random.Shared.Next(1, UsersApi.Accounts + 1), FillCart()));
        }
        catch (CheckoutRefusedException refused)
        {
            return new CheckoutReport(id, Refusal: refused.Reason);
        }
#pragma warning disable CA1031 // the verdict needs to know every other failure of a checkout
        catch (Exception unexplained)
#pragma warning restore CA1031
        {
            return new CheckoutReport(id, Unexplained: unexplained);
        }
    }

    private static CartItem[] FillCart() =>
        [.. Random.Shared.GetItems(Products, Random.Shared.Next(1, 4)).Distinct()
            .Select(product => new CartItem(product, Random.Shared.Next(1, 3), Price: product.Length * 4.95m))];
}
