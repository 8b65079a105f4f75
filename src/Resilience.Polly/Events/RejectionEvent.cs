namespace Resilience.Polly;

/// <summary>A call was not let in.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="By">What rejected it.</param>
/// <param name="RetryAfter">When to try again, where that is known.</param>
/// <param name="RequestId">The id of the call, where it had one (<see cref="CallProperties.RequestId"/>).</param>
public sealed record RejectionEvent(string PipelineName, DateTimeOffset At, RejectedBy By, TimeSpan? RetryAfter, string? RequestId = null)
    : PipelineEvent(PipelineName, At);
