namespace Resilience.Polly;

/// <summary>Something that happened in a pipeline: <see cref="CircuitTransition"/>, <see cref="RetryEvent"/>, <see cref="RetryBudgetSpentEvent"/>,
/// <see cref="RejectionEvent"/>, <see cref="DegradedEvent"/>, <see cref="AlertEvent"/>, <see cref="SettingsEvent"/>,
/// <see cref="LimitChange"/>, or <see cref="EventsLostEvent"/>.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
public abstract record PipelineEvent(string PipelineName, DateTimeOffset At);
