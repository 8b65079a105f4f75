using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Events;

/// <summary>The queue of events for one reader. A full queue drops the event without waiting, counts it, and reports the count to the reader.</summary>
internal sealed class EventQueue(int capacity, TimeProvider clock)
{
    private readonly Channel<PipelineEvent> _events = Channel.CreateBounded<PipelineEvent>(
        new BoundedChannelOptions(capacity) { SingleReader = true });

    private long _lost;

    public void Offer(PipelineEvent happened)
    {
        if (!_events.Writer.TryWrite(happened))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Ends the reading after the queued events.</summary>
    public void Complete() => _events.Writer.TryComplete();

    public async IAsyncEnumerable<PipelineEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var happened in _events.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return happened;
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
            {
                yield return new EventsLostEvent { PipelineName = "", At = clock.GetUtcNow(), Count = lost };
            }
        }
    }
}

/// <summary>Delivers events to one listener, one after the other.</summary>
internal sealed class ListenerPump
{
    private readonly IResilienceListener _listener;
    private readonly ILogger _logger;

    public ListenerPump(IResilienceListener listener, EventQueue queue, ILogger logger)
    {
        (_listener, Queue, _logger) = (listener, queue, logger);

        // A listener must not see the activity and the async locals of the code that created the first pipeline.
        using (ExecutionContext.SuppressFlow())
        {
            Finished = Task.Run(PumpAsync);
        }
    }

    public EventQueue Queue { get; }

    /// <summary>Ends when the queue is complete and all its events were delivered.</summary>
    public Task Finished { get; }

    private async Task PumpAsync()
    {
        await foreach (var happened in Queue.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                if (happened is EventsLostEvent lost)
                {
                    Log.EventsLost(_logger, _listener.GetType(), lost.Count);
                }

                _listener.OnEvent(happened);
            }
            catch (Exception exception) // an exception of a listener must not affect others
            {
                Log.ListenerFailed(_logger, exception, _listener.GetType());
            }
        }
    }
}
