namespace Resilience.Polly;

/// <summary>The calls of one part of the sliding minute.</summary>
internal sealed class MinutePart
{
    private readonly int[] _latencies = new int[LatencyBuckets.Count];

    /// <summary>The number of the part since the counting began. Set while nobody else knows of this object.</summary>
    public long Number { get; private set; }

    public CallCounters Calls { get; } = new();

    public void BeginAs(long number)
    {
        Number = number;
        Calls.Clear();
        Array.Clear(_latencies);
    }

    public void Measure(TimeSpan latency) => Interlocked.Increment(ref _latencies[LatencyBuckets.IndexOf(latency)]);

    public void AddLatenciesTo(Span<int> buckets)
    {
        for (var index = 0; index < buckets.Length; index++)
        {
            buckets[index] += Volatile.Read(ref _latencies[index]);
        }
    }
}
