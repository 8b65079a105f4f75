namespace Resilience.Polly;

/// <summary>The number of slots of an adaptive bulkhead changed.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="From">The slots before.</param>
/// <param name="To">The slots from then on.</param>
/// <param name="Reason">Why, in a few words.</param>
public sealed record LimitChange(string PipelineName, DateTimeOffset At, int From, int To, string Reason) : PipelineEvent(PipelineName, At);
