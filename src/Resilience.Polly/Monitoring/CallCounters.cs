namespace Resilience.Polly;

/// <summary>Counts calls by result. Counting is lock-free and allocates nothing.</summary>
internal sealed class CallCounters
{
    /// <summary>How many different counts there are: one for each result, the retried calls, the retries, and the degraded calls.</summary>
    public const int Size = Degraded + 1;

    private const int RetriedCalls = (int)CallResult.Cancelled + 1;
    private const int Retries = RetriedCalls + 1;
    private const int Degraded = Retries + 1;

    private readonly long[] _counts = new long[Size];

    public void Count(CallResult result, int attempts)
    {
        Interlocked.Increment(ref _counts[(int)result]);
        if (attempts > 1)
        {
            Interlocked.Increment(ref _counts[RetriedCalls]);
            Interlocked.Add(ref _counts[Retries], attempts - 1);
        }
    }

    public void CountDegraded() => Interlocked.Increment(ref _counts[Degraded]);

    public void AddTo(Span<long> sums)
    {
        for (var index = 0; index < Size; index++)
        {
            sums[index] += Volatile.Read(ref _counts[index]);
        }
    }

    public long Of(CallResult result) => Volatile.Read(ref _counts[(int)result]);

    public long OfRetries() => Volatile.Read(ref _counts[Retries]);

    public long OfDegraded() => Volatile.Read(ref _counts[Degraded]);

    public CallCounts Read()
    {
        Span<long> sums = stackalloc long[Size];
        sums.Clear();
        AddTo(sums);
        return CountsOf(sums);
    }

    public void Clear() => Array.Clear(_counts);

    public static CallCounts CountsOf(ReadOnlySpan<long> sums) => new()
    {
        Succeeded = sums[(int)CallResult.Succeeded],
        Refused = sums[(int)CallResult.Refused],
        Failed = sums[(int)CallResult.Failed],
        TimedOut = sums[(int)CallResult.TimedOut],
        CircuitOpen = sums[(int)CallResult.CircuitOpen],
        BulkheadFull = sums[(int)CallResult.BulkheadFull],
        Shed = sums[(int)CallResult.Shed],
        Cancelled = sums[(int)CallResult.Cancelled],
        Retried = sums[RetriedCalls],
        Retries = sums[Retries],
        Degraded = sums[Degraded],
    };
}
