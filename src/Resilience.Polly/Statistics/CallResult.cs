namespace Resilience.Polly.Statistics;

/// <summary>How a call ended, all its attempts taken together. Each is counted in <see cref="CallCounts"/>.</summary>
internal enum CallResult
{
    Succeeded,
    Refused,
    Failed,
    TimedOut,
    CircuitOpen,
    BulkheadFull,
    Shed,
    Cancelled,
}

internal static class CallResults
{
    /// <summary>How many results there are.</summary>
    public const int Count = (int)CallResult.Cancelled + 1;

    public static IReadOnlyList<CallResult> All { get; } = Enum.GetValues<CallResult>();

    /// <summary>What meter and traces call it. Dashboards are built on these words: they do not change.</summary>
    public static string Name(this CallResult result) => result switch
    {
        CallResult.Succeeded => "succeeded",
        CallResult.Refused => "refused",
        CallResult.Failed => "failed",
        CallResult.TimedOut => "timed_out",
        CallResult.CircuitOpen => "circuit_open",
        CallResult.BulkheadFull => "bulkhead_full",
        CallResult.Shed => "shed",
        _ => "cancelled",
    };

    /// <summary>Whether a trace shows the call as failed. A refused one has its answer, and a cancelled one was given up by its caller.</summary>
    public static bool IsError(this CallResult result) => result is not (CallResult.Succeeded or CallResult.Refused or CallResult.Cancelled);
}
