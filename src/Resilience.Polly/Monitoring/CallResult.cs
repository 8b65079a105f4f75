namespace Resilience.Polly;

/// <summary>How a call ended, all its attempts taken together.</summary>
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
