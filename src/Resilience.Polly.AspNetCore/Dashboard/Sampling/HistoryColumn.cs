namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>What is kept of every sample of a pipeline, for its charts.</summary>
internal enum HistoryColumn
{
    CallsPerSecond,
    FailedPerSecond,
    RejectedPerSecond,
    RetryRate,
    P50,
    P95,
    P99,
    InUse,
    Waiting,
    Limit,
    State,
}
