namespace Resilience.Polly;

/// <summary>The attempts that ended since a moment. Counting is lock-free.</summary>
internal sealed class AttemptWindow(long startedAt)
{
    private long _ticks;
    private int _attempts;
    private int _failures;
    private int _peak;

    public long StartedAt => startedAt;

    public int Attempts => Volatile.Read(ref _attempts);

    public void Count(bool hasFailed, TimeSpan latency, int inUse)
    {
        Interlocked.Add(ref _ticks, latency.Ticks);
        if (hasFailed)
        {
            Interlocked.Increment(ref _failures);
        }

        // Another thread may raise it meanwhile, by as much or less: it is a hint and no count.
        if (inUse > Volatile.Read(ref _peak))
        {
            Volatile.Write(ref _peak, inUse);
        }

        Interlocked.Increment(ref _attempts);
    }

    public ConcurrencyWindow Read(int limit, BulkheadOptions options, TimeSpan duration)
    {
        var attempts = Attempts;
        return new()
        {
            Limit = limit,
            BaseLimit = options.MaxConcurrency,
            MinLimit = options.Adaptive.MinLimit,
            MaxLimit = options.Adaptive.MaxLimit,
            Attempts = attempts,
            Failures = Math.Min(attempts, Volatile.Read(ref _failures)),
            Latency = new(Volatile.Read(ref _ticks) / attempts),
            PeakInUse = Volatile.Read(ref _peak),
            Duration = duration,
        };
    }
}
