namespace Resilience.Polly;

/// <summary>Whether a circuit breaker rejects, only watches, or is off.</summary>
public enum CircuitBreakerMode
{
    /// <summary>Rejects calls while the circuit is open.</summary>
    Enforce,

    /// <summary>Counts, changes state and reports, but never rejects: for trying out settings in production.</summary>
    Observe,

    /// <summary>Neither counts nor rejects.</summary>
    Disabled,
}
