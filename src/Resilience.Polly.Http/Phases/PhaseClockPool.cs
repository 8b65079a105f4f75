using System.Collections.Concurrent;

namespace Resilience.Polly.Http;

/// <summary>Clocks to be used again: as many as requests were ever under way at once, up to a bound.</summary>
internal sealed class PhaseClockPool(TimeProvider time)
{
    private const int Most = 1024;

    private readonly ConcurrentQueue<PhaseClock> _idle = new();

    public PhaseClock Begin(AttemptMessage message, CancellationToken callerToken)
    {
        if (!_idle.TryDequeue(out var clock))
        {
            clock = new PhaseClock(this, time);
        }

        clock.Begin(message, callerToken);
        return clock;
    }

    public void Return(PhaseClock clock)
    {
        if (_idle.Count < Most)
        {
            _idle.Enqueue(clock);
        }
    }
}
