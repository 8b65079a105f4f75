using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Resilience.Polly.Events;

/// <summary>The events on their way to one reader. Offering never waits: what a full queue cannot take is counted, and the reader is told.</summary>
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

    /// <summary>Ends the reading, once what is queued has been read.</summary>
    public void Complete() => _events.Writer.TryComplete();

    public async IAsyncEnumerable<PipelineEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var happened in _events.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return happened;
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
            {
                yield return new EventsLostEvent(clock.GetUtcNow(), lost);
            }
        }
    }
}
