namespace Resilience.Polly;

/// <summary>The calls of one part of the sliding minute. Counting is lock-free.</summary>
internal sealed class MinutePart
{
    /// <summary>For a minute in which nothing was counted yet.</summary>
    public static readonly MinutePart Past = new() { Number = long.MinValue, EndsAt = long.MinValue };

    // Counts, then latencies. That of a success and that of a fast call stand side by side: two threads that count them fetch one cache line from each other and not two.
    private readonly int[] _numbers = new int[CallCounters.Size + LatencyBuckets.Count];

    /// <summary>The number of the part since the counting began.</summary>
    public long Number { get; private set; } = -1;

    /// <summary>The timestamp at which the next part begins.</summary>
    public long EndsAt { get; private set; }

    public void Count(CallResult result, int attempts)
    {
        Interlocked.Increment(ref _numbers[CallCounters.IndexOf(result)]);
        if (attempts > 1)
        {
            Interlocked.Increment(ref _numbers[CallCounters.Retried]);
            Interlocked.Add(ref _numbers[CallCounters.Retries], attempts - 1);
        }
    }

    /// <param name="counter">One of <see cref="CallCounters"/>.</param>
    public void Count(int counter) => Interlocked.Increment(ref _numbers[counter]);

    public void Measure(ulong units) => Interlocked.Increment(ref _numbers[CallCounters.Size + LatencyBuckets.IndexOf(units)]);

    public void AddCountsTo(Span<long> row)
    {
        for (var index = 0; index < CallCounters.Size; index++)
        {
            row[index] += Volatile.Read(ref _numbers[index]);
        }
    }

    public void AddLatenciesTo(Span<int> buckets)
    {
        var latencies = _numbers.AsSpan(CallCounters.Size);
        for (var index = 0; index < buckets.Length; index++)
        {
            buckets[index] += Volatile.Read(ref latencies[index]);
        }
    }

    /// <summary>Begins anew, as another part. What was counted goes over to <paramref name="row"/>, also what is counted meanwhile.</summary>
    public void BeginAs(long number, long endsAt, Span<long> row)
    {
        for (var index = 0; index < CallCounters.Size; index++)
        {
            row[index] += Interlocked.Exchange(ref _numbers[index], 0);
        }

        Array.Clear(_numbers, CallCounters.Size, LatencyBuckets.Count);
        (Number, EndsAt) = (number, endsAt);
    }
}
