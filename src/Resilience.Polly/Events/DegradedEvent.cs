namespace Resilience.Polly;

/// <summary>A call failed, and a fallback made it good (guide: "Circuit Breaker with Graceful Degradation").</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Failure">The failure that the caller did not see.</param>
/// <param name="RequestId">The id of the call, where it had one (<see cref="CallProperties.RequestId"/>).</param>
public sealed record DegradedEvent(string PipelineName, DateTimeOffset At, ApiConnectionException Failure, string? RequestId = null)
    : PipelineEvent(PipelineName, At);
