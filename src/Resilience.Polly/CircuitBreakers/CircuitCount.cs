namespace Resilience.Polly;

/// <summary>What gives the circuit breaker a verdict.</summary>
public enum CircuitCount
{
    /// <summary>A whole call with its retries counts once.</summary>
    Call,

    /// <summary>Every attempt counts.</summary>
    Attempt,
}
