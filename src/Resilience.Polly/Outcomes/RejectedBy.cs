namespace Resilience.Polly;

/// <summary>What may reject a call.</summary>
public enum RejectedBy
{
    /// <summary>The circuit is open, isolated, or half-open with a probe under way.</summary>
    CircuitBreaker,

    /// <summary>No slot became free in time, or too many calls wait for one.</summary>
    Bulkhead,

    /// <summary>The machine is overloaded, and the call was shed.</summary>
    LoadShedding,

    /// <summary>The rate of attempts is at its limit, or the dependency has asked its callers to wait.</summary>
    RateLimit,
}
