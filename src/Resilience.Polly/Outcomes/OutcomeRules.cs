namespace Resilience.Polly.Outcomes;

/// <summary>What of a pipeline's settings decides the fate of its calls.</summary>
/// <param name="PipelineName">The name in exceptions.</param>
/// <param name="Failures">What is a failure.</param>
/// <param name="MapsExceptions">Whether callers get the guide's exceptions, or Polly's.</param>
internal sealed record OutcomeRules(string PipelineName, FailureClassifier Failures, bool MapsExceptions);
