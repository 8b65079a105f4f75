namespace Resilience.Polly;

/// <summary>What counts for the circuit breaker: calls or attempts.</summary>
public enum CircuitCount
{
    /// <summary>A whole call with its retries counts once.</summary>
    Call,

    /// <summary>Every attempt counts.</summary>
    Attempt,
}
