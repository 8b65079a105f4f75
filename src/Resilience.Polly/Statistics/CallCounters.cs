namespace Resilience.Polly.Statistics;

/// <summary>Where each count stands in a row of numbers.</summary>
internal static class CallCounters
{
    /// <summary>How many different counts there are: one for each result, the retried calls, the retries, the degraded calls, and those whose budget was spent.</summary>
    public const int Size = FirstResult + CallResults.Count;

    public const int Degraded = 0;
    public const int Retries = 1;
    public const int Retried = 2;
    public const int RetryBudgetSpent = 3;

    /// <summary>The results stand together, from here on.</summary>
    public const int FirstResult = 4;

    /// <summary>The successes come last.</summary>
    public static int IndexOf(CallResult result) => Size - 1 - (int)result;
}
