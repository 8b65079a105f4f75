namespace Resilience.Polly;

/// <summary>Where each count stands in a row of numbers, and what a row means.</summary>
internal static class CallCounters
{
    /// <summary>How many different counts there are: one for each result, the retried calls, the retries, the degraded calls, and those whose budget was spent.</summary>
    public const int Size = FirstResult + (int)CallResult.Cancelled + 1;

    public const int Degraded = 0;
    public const int Retries = 1;
    public const int Retried = 2;
    public const int RetryBudgetSpent = 3;

    private const int FirstResult = 4;

    /// <summary>The successes come last.</summary>
    public static int IndexOf(CallResult result) => Size - 1 - (int)result;

    public static CallCounts CountsOf(ReadOnlySpan<long> row) => new()
    {
        Succeeded = row[IndexOf(CallResult.Succeeded)],
        Refused = row[IndexOf(CallResult.Refused)],
        Failed = row[IndexOf(CallResult.Failed)],
        TimedOut = row[IndexOf(CallResult.TimedOut)],
        CircuitOpen = row[IndexOf(CallResult.CircuitOpen)],
        BulkheadFull = row[IndexOf(CallResult.BulkheadFull)],
        Shed = row[IndexOf(CallResult.Shed)],
        Cancelled = row[IndexOf(CallResult.Cancelled)],
        Retried = row[Retried],
        Retries = row[Retries],
        Degraded = row[Degraded],
        RetryBudgetSpent = row[RetryBudgetSpent],
    };
}
