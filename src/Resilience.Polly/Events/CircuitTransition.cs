using Polly.CircuitBreaker;

namespace Resilience.Polly;

/// <summary>A circuit went from one state to another, and why.</summary>
/// <param name="PipelineName">The pipeline whose circuit it is.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state after.</param>
/// <param name="Reason">Why, in a few words that a person can read.</param>
/// <param name="Sequence">Grows with every transition of this circuit: those of calls that race may be told in another order than they happened in.</param>
/// <param name="IsManual">Whether it was done through <see cref="ICircuitBreakerControl"/>.</param>
public sealed record CircuitTransition(
    string PipelineName, DateTimeOffset At, CircuitState From, CircuitState To, string Reason, long Sequence, bool IsManual = false)
    : PipelineEvent(PipelineName, At)
{
    /// <summary>The failures in a row that the circuit had counted; 0 once it is closed.</summary>
    public int FailureCount { get; init; }
}
