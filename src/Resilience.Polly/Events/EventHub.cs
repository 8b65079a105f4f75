using System.Runtime.CompilerServices;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Events;

/// <summary>Delivers events to listeners and watchers, off the threads of the calls.</summary>
internal sealed class EventHub : IDisposable, IAsyncDisposable
{
    private const int ListenerCapacity = 10_000;
    private const int WatcherCapacity = 1_024;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly Lock _changing = new();
    private readonly TimeProvider _clock;
    private readonly ListenerPump[] _pumps;
    private EventQueue[] _queues;
    private bool _isDisposed;

    public EventHub(IEnumerable<IResilienceListener> listeners, ApplicationServices application)
    {
        _clock = application.Clock;
        _pumps = [.. listeners.Select(listener => new ListenerPump(listener, new EventQueue(ListenerCapacity, _clock), application.Logger))];
        _queues = [.. _pumps.Select(pump => pump.Queue)];
    }

    /// <summary>Whether there is any listener or watcher. If not, no event needs to be created.</summary>
    public bool IsHeard => Volatile.Read(ref _queues).Length > 0;

    public void Tell(PipelineEvent happened)
    {
        foreach (var queue in Volatile.Read(ref _queues))
        {
            queue.Offer(happened);
        }
    }

    /// <summary>Starts watching at once, before the first event is read.</summary>
    public IAsyncEnumerable<PipelineEvent> Watch(string? pipelineName, CancellationToken cancellationToken)
    {
        var queue = new EventQueue(WatcherCapacity, _clock);
        lock (_changing)
        {
            if (_isDisposed)
            {
                queue.Complete();
            }

            Volatile.Write(ref _queues, [.. _queues, queue]);
        }

        // Otherwise a stream that is never read would collect events for ever.
        var leaving = cancellationToken.UnsafeRegister(_ => Leave(queue), null);
        return ReadAsync(queue, pipelineName, leaving, cancellationToken);
    }

    public void Dispose()
    {
        lock (_changing)
        {
            _isDisposed = true;
            Array.ForEach(_queues, queue => queue.Complete());
        }
    }

    /// <summary>Delivers the events reported so far, unless a listener takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        var told = Task.WhenAll(_pumps.Select(pump => pump.Finished));
        await Task.WhenAny(told, Task.Delay(Farewell, TimeProvider.System)).ConfigureAwait(false); // on the system's clock, whatever clock the pipelines have
    }

    private async IAsyncEnumerable<PipelineEvent> ReadAsync(
        EventQueue queue, string? pipelineName, CancellationTokenRegistration leaving, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var happened in queue.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (pipelineName is null || happened is EventsLostEvent || happened.PipelineName == pipelineName)
                {
                    yield return happened;
                }
            }
        }
        finally
        {
            leaving.Unregister(); // a token that outlives the watch would keep the queue
            Leave(queue);
        }
    }

    private void Leave(EventQueue queue)
    {
        lock (_changing)
        {
            Volatile.Write(ref _queues, [.. _queues.Where(other => other != queue)]);
        }
    }
}
