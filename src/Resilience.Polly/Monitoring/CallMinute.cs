namespace Resilience.Polly;

/// <summary>
/// The calls of the last minute, in twelve parts of five seconds. Counting is lock-free, and allocates only while the first minute fills.
/// </summary>
/// <remarks>
/// A part is never emptied while it can be seen: whoever comes first in a new period puts an empty one in the place of the oldest,
/// which is kept as the next empty one. A thread that slept for a minute between finding its part and counting in it counts in a wrong one.
/// </remarks>
internal sealed class CallMinute
{
    private const int Parts = 12;
    private const int SecondsPerPart = 5;

    private readonly TimeProvider _clock;
    private readonly LatencyScale _scale;
    private readonly MinutePart?[] _parts = new MinutePart?[Parts];
    private readonly long _origin;
    private readonly long _partLength;
    private MinutePart _newest = MinutePart.Past;
    private MinutePart? _spare;

    public CallMinute(TimeProvider clock)
    {
        _clock = clock;
        _scale = new(clock);
        _origin = clock.GetTimestamp();
        _partLength = clock.TimestampFrequency * SecondsPerPart;
    }

    public void Count(CallResult result, int attempts, long startedAt, long endedAt)
    {
        // The hot path divides nothing. A call that was late to count goes into the part after its own.
        var part = Volatile.Read(ref _newest);
        if (endedAt >= part.EndsAt)
        {
            part = PartOf(NumberOf(endedAt));
        }

        part.Calls.Count(result, attempts);
        if (attempts > 0)
        {
            part.Measure(_scale.UnitsOf(endedAt - startedAt));
        }
    }

    public void CountDegraded(long at) => PartOf(NumberOf(at)).Calls.CountDegraded();

    public CallCounts ReadCalls()
    {
        Span<long> sums = stackalloc long[CallCounters.Size];
        sums.Clear();
        foreach (var part in Current())
        {
            part.Calls.AddTo(sums);
        }

        return CallCounters.CountsOf(sums);
    }

    public LatencySnapshot ReadLatency()
    {
        Span<int> buckets = stackalloc int[LatencyBuckets.Count];
        buckets.Clear();
        foreach (var part in Current())
        {
            part.AddLatenciesTo(buckets);
        }

        long count = 0;
        foreach (var bucket in buckets)
        {
            count += bucket;
        }

        return new()
        {
            Count = count,
            P50 = LatencyBuckets.Percentile(buckets, count, 0.50),
            P95 = LatencyBuckets.Percentile(buckets, count, 0.95),
            P99 = LatencyBuckets.Percentile(buckets, count, 0.99),
        };
    }

    private long NumberOf(long timestamp) => (timestamp - _origin) / _partLength;

    private MinutePart PartOf(long number)
    {
        ref var place = ref _parts[number % Parts];
        var part = Volatile.Read(ref place);
        while (part is null || part.Number < number)
        {
            var fresh = Begin(Interlocked.Exchange(ref _spare, null) ?? new MinutePart(), number);
            var seen = Interlocked.CompareExchange(ref place, fresh, part);
            var won = ReferenceEquals(seen, part);
            Volatile.Write(ref _spare, won ? part : fresh);
            part = won ? fresh : seen;
        }

        // Two threads may do this in any order: one that finds an older part here comes this way again.
        Volatile.Write(ref _newest, part);
        return part;
    }

    private MinutePart Begin(MinutePart part, long number)
    {
        part.BeginAs(number, _origin + ((number + 1) * _partLength));
        return part;
    }

    private IEnumerable<MinutePart> Current()
    {
        var now = NumberOf(_clock.GetTimestamp());
        for (var place = 0; place < Parts; place++)
        {
            if (Volatile.Read(ref _parts[place]) is { } part && now - part.Number < Parts)
            {
                yield return part;
            }
        }
    }
}
