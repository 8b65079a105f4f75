namespace Resilience.Polly.Bulkheads.Adaptive;

/// <summary>The attempts that ended since a moment. Counting is lock-free.</summary>
/// <param name="startedAt">When the window began.</param>
/// <param name="countsFrom">When the limit changed last: an attempt that began before that shows what the old limit did.</param>
/// <param name="usual">How long answered attempts took before.</param>
internal sealed class AttemptWindow(long startedAt, long countsFrom, UsualLatency usual)
{
    private AttemptSums _answered;
    private AttemptSums _failed;
    private AttemptSums _unclear;
    private int _peak;

    public long StartedAt => startedAt;

    public long CountsFrom => countsFrom;

    public UsualLatency Usual => usual;

    /// <summary>The attempts that count for the policy.</summary>
    public int Attempts => _answered.Count + Failed().Count;

    public void Count(AttemptEvidence evidence, TimeSpan latency, int inUse)
    {
        // Another thread may raise it meanwhile, by as much or less. It is only a hint.
        if (inUse > Volatile.Read(ref _peak))
        {
            Volatile.Write(ref _peak, inUse);
        }

        switch (evidence)
        {
            case AttemptEvidence.Answered:
                _answered.Add(latency);
                break;
            case AttemptEvidence.Failed:
                _failed.Add(latency);
                break;
            case AttemptEvidence.Unclear:
                _unclear.Add(latency);
                break;
        }
    }

    /// <summary>How long answered attempts usually take, these included.</summary>
    public UsualLatency Learn() => usual.Learn(_answered.Count, _answered.Average, (double)Failed().Count / Attempts);

    public ConcurrencyWindow Read(int limit, BulkheadOptions options, TimeSpan duration)
    {
        var failed = Failed();
        var all = _answered + failed;
        return new()
        {
            Limit = limit,
            BaseLimit = options.MaxConcurrency,
            MinLimit = options.Adaptive.MinLimit,
            MaxLimit = options.Adaptive.MaxLimit,
            Attempts = all.Count,
            Failures = failed.Count,
            Latency = all.Average,
            PeakInUse = Volatile.Read(ref _peak),
            Duration = duration,
        };
    }

    // Less than half of the attempts at a healthy dependency take longer than usual. If most were given up later than that, and
    // later than others were answered, the dependency is slow; the callers are not impatient.
    private AttemptSums Failed()
    {
        var (answered, failed, unclear) = (_answered, _failed, _unclear);
        return unclear.Count > answered.Count + failed.Count && unclear.Average > answered.Average ? failed + unclear : failed;
    }
}
