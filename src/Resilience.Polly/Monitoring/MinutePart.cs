namespace Resilience.Polly;

/// <summary>The calls of one part of the sliding minute.</summary>
internal sealed class MinutePart
{
    /// <summary>For a minute in which nothing was counted yet.</summary>
    public static readonly MinutePart Past = new() { Number = long.MinValue, EndsAt = long.MinValue };

    private readonly int[] _latencies = new int[LatencyBuckets.Count];

    /// <summary>The number of the part since the counting began. Set while nobody else knows of this object.</summary>
    public long Number { get; private set; }

    /// <summary>The timestamp at which the next part begins.</summary>
    public long EndsAt { get; private set; }

    public CallCounters Calls { get; } = new();

    public void BeginAs(long number, long endsAt)
    {
        (Number, EndsAt) = (number, endsAt);
        Calls.Clear();
        Array.Clear(_latencies);
    }

    public void Measure(ulong units) => Interlocked.Increment(ref _latencies[LatencyBuckets.IndexOf(units)]);

    public void AddLatenciesTo(Span<int> buckets)
    {
        for (var index = 0; index < buckets.Length; index++)
        {
            buckets[index] += Volatile.Read(ref _latencies[index]);
        }
    }
}
