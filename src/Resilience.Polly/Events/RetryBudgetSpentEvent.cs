namespace Resilience.Polly;

/// <summary>An attempt failed and is not repeated, because the retry budget is spent (<see cref="RetryBudgetOptions"/>).</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Attempt">The number of the attempt that failed, from 1: the last one of its call.</param>
/// <param name="Reason">Why it failed, in a few words; never a message of an exception.</param>
/// <param name="Exception">What was thrown, or <see langword="null"/> when a result was judged a failure.</param>
/// <param name="RequestId">The id of the call, where it had one (<see cref="CallProperties.RequestId"/>).</param>
public sealed record RetryBudgetSpentEvent(
    string PipelineName, DateTimeOffset At, int Attempt, string Reason, Exception? Exception, string? RequestId = null)
    : PipelineEvent(PipelineName, At);
