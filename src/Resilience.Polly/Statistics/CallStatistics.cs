using Resilience.Polly.Primitives;

namespace Resilience.Polly.Statistics;

/// <summary>Owns what is counted of the calls of one pipeline: over the last minute, in twelve parts of five seconds, and since it was first used.</summary>
internal sealed class CallStatistics(TimeProvider clock)
{
    // Counts, then latencies. That of a success and that of a fast call stand side by side: two threads that count them fetch one cache line from each other and not two.
    private readonly SlidingWindow _minute = new(
        clock, TimeSpan.FromMinutes(1), parts: 12, columns: CallCounters.Size + LatencyBuckets.Count, kept: CallCounters.Size);

    private readonly LatencyScale _scale = new(clock);

    public void Count(CallResult result, int attempts, long startedAt, long endedAt)
    {
        var row = _minute.At(endedAt);
        Interlocked.Increment(ref row[CallCounters.IndexOf(result)]);
        if (attempts > 1)
        {
            Interlocked.Increment(ref row[CallCounters.Retried]);
            Interlocked.Add(ref row[CallCounters.Retries], attempts - 1);
        }

        if (attempts > 0)
        {
            Interlocked.Increment(ref row[CallCounters.Size + LatencyBuckets.IndexOf(_scale.UnitsOf(endedAt - startedAt))]);
        }
    }

    public void CountDegraded(long at) => Interlocked.Increment(ref _minute.At(at)[CallCounters.Degraded]);

    public void CountRetryBudgetSpent(long at) => Interlocked.Increment(ref _minute.At(at)[CallCounters.RetryBudgetSpent]);

    /// <summary>The calls of the last minute.</summary>
    public CallCounts ReadMinute()
    {
        Span<long> row = stackalloc long[CallCounters.Size];
        row.Clear();
        _minute.AddWindow(row, clock.GetTimestamp());
        return new CallCounts(row);
    }

    /// <summary>All calls. No count ever goes back.</summary>
    public CallCounts ReadLifetime()
    {
        Span<long> row = stackalloc long[CallCounters.Size];
        row.Clear();
        _minute.AddAll(row);
        return new CallCounts(row);
    }

    /// <summary>How many of all calls reached the dependency, and were not cancelled there.</summary>
    public long ReadReached()
    {
        var ended = ReadLifetime();
        return ended.Succeeded + ended.Refused + ended.Failed + ended.TimedOut;
    }

    /// <summary>How long the calls of the last minute took.</summary>
    public LatencySnapshot ReadLatency()
    {
        Span<long> buckets = stackalloc long[LatencyBuckets.Count];
        buckets.Clear();
        _minute.AddWindow(buckets, clock.GetTimestamp(), first: CallCounters.Size);
        return LatencyBuckets.Read(buckets);
    }
}
