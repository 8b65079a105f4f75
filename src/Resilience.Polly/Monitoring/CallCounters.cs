namespace Resilience.Polly;

/// <summary>Counts the calls of one pipeline by result.</summary>
internal sealed class CallCounters
{
    private readonly long[] _results = new long[Enum.GetValues<CallResult>().Length];
    private long _retriedCalls;
    private long _retries;

    public void Count(CallResult result, int attempts)
    {
        Interlocked.Increment(ref _results[(int)result]);
        if (attempts > 1)
        {
            Interlocked.Increment(ref _retriedCalls);
            Interlocked.Add(ref _retries, attempts - 1);
        }
    }

    public CallCounts Read() => new()
    {
        Succeeded = Of(CallResult.Succeeded),
        Refused = Of(CallResult.Refused),
        Failed = Of(CallResult.Failed),
        TimedOut = Of(CallResult.TimedOut),
        CircuitOpen = Of(CallResult.CircuitOpen),
        BulkheadFull = Of(CallResult.BulkheadFull),
        Cancelled = Of(CallResult.Cancelled),
        Retried = Interlocked.Read(ref _retriedCalls),
        Retries = Interlocked.Read(ref _retries),
    };

    private long Of(CallResult result) => Interlocked.Read(ref _results[(int)result]);
}
