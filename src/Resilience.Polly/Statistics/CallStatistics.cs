using Resilience.Polly.Primitives;

namespace Resilience.Polly.Statistics;

/// <summary>Owns the counts of the calls of one pipeline: over the last minute, in twelve parts of five seconds, and since its first use.</summary>
/// <remarks>A read creates an object only if something has changed since the last one: most pipelines of a large application have no calls most of the time.</remarks>
internal sealed class CallStatistics(TimeProvider clock)
{
    /// <summary>How many numbers the calls of a minute are.</summary>
    public const int MinuteSize = CallCounters.Size + LatencyBuckets.Count;

    /// <summary>How far the counts of a minute look back.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Counts, then latencies. The counts of a success and of a fast call are next to each other, so two threads that count them exchange one cache line and not two.
    private readonly SlidingWindow _minute = new(clock, Window, parts: 12, columns: MinuteSize, kept: CallCounters.Size);

    private readonly LatencyScale _scale = new(clock);

    private CallCounts _lifetime = CallCounts.None; // as of the last read

    public void Count(CallResult result, int attempts, long startedAt, long endedAt)
    {
        var row = _minute.At(endedAt);
        Interlocked.Increment(ref row[CallCounters.IndexOf(result)]);
        if (attempts > 1)
        {
            Interlocked.Increment(ref row[CallCounters.Retried]);
            Interlocked.Add(ref row[CallCounters.Retries], attempts - 1);
            if (result == CallResult.Succeeded)
            {
                Interlocked.Increment(ref row[CallCounters.RetriedAndSucceeded]);
            }
            else if (result.IsError())
            {
                Interlocked.Increment(ref row[CallCounters.RetriedAndFailed]);
            }
        }

        if (attempts > 0)
        {
            Interlocked.Increment(ref row[CallCounters.Size + LatencyBuckets.IndexOf(_scale.UnitsOf(endedAt - startedAt))]);
        }

        _minute.Counted(row);
    }

    /// <summary>Adds to a count that is no result, such as <see cref="CallCounters.Degraded"/>.</summary>
    public void Count(int counter, long at)
    {
        var row = _minute.At(at);
        Interlocked.Increment(ref row[counter]);
        _minute.Counted(row);
    }

    /// <summary>Whether no call of the last minute was counted.</summary>
    public bool IsMinuteOver => _minute.IsOver(clock.GetTimestamp());

    /// <summary>How long the last minute is: 55 to 60 seconds, and less in the first minute.</summary>
    public TimeSpan MinuteLength => _minute.Covered(clock.GetTimestamp());

    /// <summary>The calls of the last minute, and how long they took.</summary>
    public (CallCounts Calls, LatencySnapshot Latency) ReadMinute()
    {
        if (IsMinuteOver)
        {
            return (CallCounts.None, LatencySnapshot.None);
        }

        Span<long> row = stackalloc long[MinuteSize];
        row.Clear();
        AddMinute(row);
        return MinuteOf(row);
    }

    /// <summary>Adds the calls of the last minute to a row of <see cref="MinuteSize"/> numbers.</summary>
    public void AddMinute(Span<long> row) => _minute.AddWindow(row, clock.GetTimestamp());

    /// <summary>The result of such a row.</summary>
    public static (CallCounts Calls, LatencySnapshot Latency) MinuteOf(ReadOnlySpan<long> row) =>
        (new(row[..CallCounters.Size]), LatencyBuckets.Read(row[CallCounters.Size..]));

    /// <summary>All calls. No count ever decreases.</summary>
    public CallCounts ReadLifetime()
    {
        Span<long> row = stackalloc long[CallCounters.Size];
        row.Clear();
        AddLifetime(row);
        var last = Volatile.Read(ref _lifetime);
        if (!last.AreThose(row))
        {
            Volatile.Write(ref _lifetime, last = new(row));
        }

        return last;
    }

    /// <summary>Adds all calls to a row of numbers, in the order of <see cref="CallCounters"/>.</summary>
    public void AddLifetime(Span<long> row) => _minute.AddAll(row);

    /// <summary>One count of all calls, such as <see cref="CallCounters.Retries"/>.</summary>
    public long ReadLifetime(int counter)
    {
        long sum = 0;
        _minute.AddAll(new(ref sum), counter);
        return sum;
    }

    /// <summary>The share of the calls of the last minute that needed a retry; 0 if there were fewer calls than that.</summary>
    public double ReadRetryRate(long minimumCalls = 0)
    {
        Span<long> row = stackalloc long[CallCounters.Size];
        row.Clear();
        _minute.AddWindow(row, clock.GetTimestamp());
        return CallCounters.Total(row) < minimumCalls ? 0 : CallCounters.RetryRate(row);
    }

    /// <summary>How many of all calls reached the dependency, and were not cancelled there.</summary>
    public long ReadReached()
    {
        Span<long> row = stackalloc long[CallCounters.Reached];
        row.Clear();
        _minute.AddAll(row, CallCounters.FirstReached);
        return CallCounters.Sum(row);
    }
}

/// <summary>Converts differences of a clock's timestamps into the units of <see cref="LatencyBuckets"/> without a division, which costs too much per call.</summary>
internal readonly struct LatencyScale(TimeProvider clock)
{
    private readonly double _unitsPerTimestamp = (double)TimeSpan.TicksPerSecond / clock.TimestampFrequency / LatencyBuckets.UnitTicks;

    public ulong UnitsOf(long timestamps) => timestamps <= 0 ? 0 : (ulong)(timestamps * _unitsPerTimestamp);
}
