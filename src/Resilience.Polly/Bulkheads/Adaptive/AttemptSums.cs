namespace Resilience.Polly.Bulkheads.Adaptive;

/// <summary>How many attempts there were, and how long they took together. Counting is lock-free.</summary>
internal struct AttemptSums
{
    private long _ticks;
    private int _count;

    public readonly int Count => Volatile.Read(in _count);

    public readonly long Ticks => Volatile.Read(in _ticks);

    /// <summary>The average duration; zero if there were no attempts.</summary>
    public readonly TimeSpan Average => Count is > 0 and var count ? new(Ticks / count) : TimeSpan.Zero;

    public static AttemptSums operator +(AttemptSums left, AttemptSums right) =>
        new() { _ticks = left.Ticks + right.Ticks, _count = left.Count + right.Count };

    public void Add(TimeSpan latency)
    {
        Interlocked.Add(ref _ticks, latency.Ticks);
        Interlocked.Increment(ref _count);
    }
}
