namespace Resilience.Polly.Statistics;

/// <summary>How a call ended, with all its attempts. <see cref="CallCounts"/> counts each.</summary>
internal enum CallResult
{
    Succeeded,
    Refused,
    Failed,
    TimedOut,
    CircuitOpen,
    BulkheadFull,
    Shed,
    RateLimited,
    Cancelled,
}

internal static class CallResults
{
    public const int Count = (int)CallResult.Cancelled + 1;

    public static IReadOnlyList<CallResult> All { get; } = Enum.GetValues<CallResult>();

    /// <summary>Its name in meter and traces. Dashboards depend on these names: they do not change.</summary>
    public static string Name(this CallResult result) => result switch
    {
        CallResult.Succeeded => "succeeded",
        CallResult.Refused => "refused",
        CallResult.Failed => "failed",
        CallResult.TimedOut => "timed_out",
        CallResult.CircuitOpen => "circuit_open",
        CallResult.BulkheadFull => "bulkhead_full",
        CallResult.Shed => "shed",
        CallResult.RateLimited => "rate_limited",
        _ => "cancelled",
    };

    /// <summary>Whether a trace shows the call as failed. A refused call got an answer, and the caller gave up a cancelled one, so neither does.</summary>
    public static bool IsError(this CallResult result) => result is not (CallResult.Succeeded or CallResult.Refused or CallResult.Cancelled);
}

/// <summary>The position of each count in a row of numbers.</summary>
internal static class CallCounters
{
    /// <summary>How many counts there are: one for each result, the retried calls and how they ended, the retries, the degraded calls, and those whose budget was spent.</summary>
    public const int Size = FirstResult + CallResults.Count;

    public const int Degraded = 0;
    public const int Retries = 1;
    public const int Retried = 2;
    public const int RetryBudgetSpent = 3;
    public const int RetriedAndSucceeded = 4;
    public const int RetriedAndFailed = 5;

    /// <summary>The first result. The results are next to each other from here on.</summary>
    public const int FirstResult = 6;

    /// <summary>The first result of calls that reached the dependency and were not cancelled there. These are next to each other, at the end.</summary>
    public const int FirstReached = Size - 1 - (int)CallResult.TimedOut;

    /// <summary>How many such results there are.</summary>
    public const int Reached = Size - FirstReached;

    /// <summary>The successes, which come last.</summary>
    public static int IndexOf(CallResult result) => Size - 1 - (int)result;

    /// <summary>All calls in a row of counts.</summary>
    public static long Total(ReadOnlySpan<long> row) => Sum(row[FirstResult..]);

    /// <summary>The share of them that needed a retry, 0 to 1.</summary>
    public static double RetryRate(ReadOnlySpan<long> row) => Total(row) is not 0 and var total ? (double)row[Retried] / total : 0;

    public static long Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (var count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
