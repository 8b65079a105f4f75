namespace Resilience.Polly;

/// <summary>An attempt failed and will be repeated.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Attempt">The number of the attempt that failed, from 1.</param>
/// <param name="Wait">The wait before the next one.</param>
/// <param name="Reason">Why, in a few words; never a message of an exception.</param>
/// <param name="Exception">What was thrown, or <see langword="null"/> when a result was judged a failure.</param>
/// <param name="RequestId">The id of the call, where it had one (<see cref="CallProperties.RequestId"/>).</param>
public sealed record RetryEvent(
    string PipelineName, DateTimeOffset At, int Attempt, TimeSpan Wait, string Reason, Exception? Exception, string? RequestId = null)
    : PipelineEvent(PipelineName, At);
