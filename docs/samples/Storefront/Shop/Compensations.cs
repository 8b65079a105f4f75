using System.Threading.Channels;
using Resilience.Polly;
using Resilience.Polly.Http;

namespace Storefront;

/// <summary>
/// Undoes the requests of refused checkouts, and repeats each undoing until it succeeds. It names the request id, since the outcome of a request
/// is unknown if its answer was lost. The service blocks an id that it does not know, in case the request is still on its way.
/// </summary>
internal abstract class Compensations(ResilientClient service, string path, Timeline timeline)
{
    // As many as the Background bulkhead of the pipeline has slots.
    private const int Workers = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Channel<Item> _queue = Channel.CreateUnbounded<Item>();

    /// <summary>Takes a request to undo, and ends when it is undone.</summary>
    public Task EnqueueAsync(string requestId)
    {
        timeline.Count(service.Name, "queued", "the first is queued");
        var item = new Item(requestId, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return _queue.Writer.TryWrite(item)
            ? item.Done.Task
            : throw new InvalidOperationException($"The queue of {service.Name} is complete and takes no more.");
    }

    /// <summary>Says that no more will come: <see cref="RunAsync"/> ends with the last one.</summary>
    public void Complete() => _queue.Writer.Complete();

    public Task RunAsync() =>
        Parallel.ForEachAsync(
            _queue.Reader.ReadAllAsync(), new ParallelOptions { MaxDegreeOfParallelism = Workers }, async (item, _) => await UndoAsync(item));

    private async Task UndoAsync(Item item)
    {
        while (true)
        {
            try
            {
                using var answer = await service.PostJsonAsync(path, new VoidRequest(item.RequestId));
                timeline.Count(service.Name, "done", "the first is done");
                item.Done.SetResult();
                return;
            }
            catch (ApiConnectionException failure)
            {
                await Task.Delay(failure is CircuitOpenException { RetryAfter: { } wait } && wait > Pause ? wait : Pause);
            }
        }
    }

    private sealed record Item(string RequestId, TaskCompletionSource Done);
}

/// <summary>Takes back charges.</summary>
internal sealed class Refunds([FromKeyedServices("refunds")] ResilientClient payments, Timeline timeline)
    : Compensations(payments, "/payments/void", timeline);

/// <summary>Takes back orders.</summary>
internal sealed class Cancellations([FromKeyedServices("cancellations")] ResilientClient orders, Timeline timeline)
    : Compensations(orders, "/orders/cancel", timeline);
