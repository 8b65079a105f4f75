using Polly.CircuitBreaker;

namespace Resilience.Polly;

/// <summary>A circuit went from one state to another, and why.</summary>
/// <param name="PipelineName">The pipeline whose circuit it is.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state after.</param>
/// <param name="Reason">Why, in a few words that a person can read.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="IsManual">Whether it was done through <see cref="ICircuitBreakerControl"/>.</param>
public sealed record CircuitTransition(
    string PipelineName, CircuitState From, CircuitState To, string Reason, DateTimeOffset At, bool IsManual = false);
