using Polly.CircuitBreaker;

namespace Resilience.Polly;

/// <summary>The state of a circuit (guide: "Monitoring Circuit Breaker State").</summary>
public sealed class CircuitBreakerSnapshot
{
    /// <summary>The state. An open circuit whose recovery timeout is over reads as half-open, also without a call.</summary>
    public CircuitState State { get; init; }

    /// <summary>Failures in a row.</summary>
    public int FailureCount { get; init; }

    /// <summary>Failures in a row that open the circuit.</summary>
    public int FailureThreshold { get; init; }

    /// <summary>After which time a call may probe; <see langword="null"/> while the circuit is closed or isolated.</summary>
    public TimeSpan? TimeToProbe { get; init; }

    /// <summary>The last change of state and its reason, or <see langword="null"/> when there was none.</summary>
    public CircuitStateChangedEvent? LastTransition { get; init; }
}
