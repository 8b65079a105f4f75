namespace Resilience.Polly;

/// <summary>Whoever hears this was too slow for all that happened before it: so many events were passed over for it, of any pipeline.</summary>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Count">How many, at least 1.</param>
public sealed record EventsLostEvent(DateTimeOffset At, long Count) : PipelineEvent("", At);
