namespace Resilience.Polly;

/// <summary>
/// Owns what is counted of the calls of one pipeline: over the last minute, in twelve parts of five seconds, and since it was first used, which is what is in
/// the parts and what has left them.
/// </summary>
/// <remarks>
/// Counting is lock-free, and allocates only while the first minute fills. The lock is for whoever comes first in a new period and makes the oldest part the next one,
/// and for those who read. A thread that slept for a minute between finding its part and counting in it counts in a later one: it is in no minute twice, and not lost.
/// </remarks>
internal sealed class CallStatistics
{
    private const int Parts = 12;
    private const int SecondsPerPart = 5;

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly LatencyScale _scale;
    private MinutePart?[] _parts = []; // made with the first call, as is the next one
    private long[] _before = [];
    private readonly long _origin;
    private readonly long _partLength;
    private MinutePart _newest = MinutePart.Past;

    public CallStatistics(TimeProvider clock)
    {
        _clock = clock;
        _scale = new(clock);
        _origin = clock.GetTimestamp();
        _partLength = clock.TimestampFrequency * SecondsPerPart;
    }

    public void Count(CallResult result, int attempts, long startedAt, long endedAt)
    {
        var part = PartAt(endedAt);
        part.Count(result, attempts);
        if (attempts > 0)
        {
            part.Measure(_scale.UnitsOf(endedAt - startedAt));
        }
    }

    public void CountDegraded(long at) => PartAt(at).Count(CallCounters.Degraded);

    public void CountRetryBudgetSpent(long at) => PartAt(at).Count(CallCounters.RetryBudgetSpent);

    /// <summary>The calls of the last minute.</summary>
    public CallCounts ReadMinute()
    {
        lock (_gate)
        {
            Span<long> row = stackalloc long[CallCounters.Size];
            row.Clear();
            foreach (var part in Current())
            {
                part.AddCountsTo(row);
            }

            return CallCounters.CountsOf(row);
        }
    }

    /// <summary>All calls. No count ever goes back.</summary>
    public CallCounts ReadLifetime()
    {
        lock (_gate)
        {
            Span<long> row = stackalloc long[CallCounters.Size];
            row.Clear();
            _before.CopyTo(row);
            foreach (var part in _parts)
            {
                part?.AddCountsTo(row);
            }

            return CallCounters.CountsOf(row);
        }
    }

    /// <summary>How long the calls of the last minute took.</summary>
    public LatencySnapshot ReadLatency()
    {
        Span<int> buckets = stackalloc int[LatencyBuckets.Count];
        buckets.Clear();
        lock (_gate)
        {
            foreach (var part in Current())
            {
                part.AddLatenciesTo(buckets);
            }
        }

        return LatencyBuckets.Read(buckets);
    }

    private long NumberOf(long timestamp) => (timestamp - _origin) / _partLength;

    // The hot path divides nothing. A call that was late to count goes into the part after its own.
    private MinutePart PartAt(long timestamp)
    {
        var part = Volatile.Read(ref _newest);
        return timestamp < part.EndsAt ? part : Begin(NumberOf(timestamp));
    }

    private MinutePart Begin(long number)
    {
        lock (_gate)
        {
            if (_parts.Length == 0)
            {
                (_parts, _before) = (new MinutePart?[Parts], new long[CallCounters.Size]);
            }

            ref var part = ref _parts[number % Parts];
            part ??= new MinutePart();
            if (part.Number < number)
            {
                part.BeginAs(number, _origin + ((number + 1) * _partLength), _before);
            }

            if (part.Number > _newest.Number)
            {
                Volatile.Write(ref _newest, part);
            }

            return part;
        }
    }

    // Under the lock.
    private IEnumerable<MinutePart> Current()
    {
        var now = NumberOf(_clock.GetTimestamp());
        return _parts.OfType<MinutePart>().Where(part => now - part.Number < Parts);
    }
}
