using Resilience.Polly.Primitives;

namespace Resilience.Polly.CircuitBreakers;

/// <summary>The calls of a sampling window.</summary>
/// <param name="Calls">All counted calls.</param>
/// <param name="Failures">Those that failed.</param>
/// <param name="Slow">Those that took too long, whether they failed or not.</param>
internal readonly record struct CircuitSample(long Calls, long Failures, long Slow);

/// <summary>Counts the calls of one closed circuit over a window. A circuit that closes again starts with an empty window.</summary>
/// <param name="clock">The clock.</param>
/// <param name="length">The length of the window.</param>
/// <param name="epoch">The epoch of the circuit that it counts for.</param>
internal sealed class CircuitSamples(TimeProvider clock, TimeSpan length, long epoch)
{
    private const int Parts = 10; // as many as Polly has

    private readonly SlidingWindow _window = new(clock, length, Parts, columns: 3);

    public TimeSpan Length => length;

    public long Epoch => epoch;

    public void Count(bool failed, bool slow, long now)
    {
        var row = _window.At(now);
        Interlocked.Increment(ref row[0]);
        if (failed)
        {
            Interlocked.Increment(ref row[1]);
        }

        if (slow)
        {
            Interlocked.Increment(ref row[2]);
        }
    }

    public CircuitSample Read(long now)
    {
        Span<long> sums = stackalloc long[3];
        _window.AddWindow(sums, now);
        return new(sums[0], sums[1], sums[2]);
    }
}
