namespace Resilience.Polly;

/// <summary>The guide's named circuit breakers (guide: "Configuration Examples" of pattern 3). Each read gives a new instance to change at will.</summary>
public static class CircuitBreakerPresets
{
    /// <summary>Fails fast: opens after 3 failures, probes every 10 s.</summary>
    public static CircuitBreakerOptions Sensitive => new() { FailureThreshold = 3, RecoveryTimeout = TimeSpan.FromSeconds(10) };

    /// <summary>Patient: opens after 10 failures, probes every minute.</summary>
    public static CircuitBreakerOptions Tolerant => new() { FailureThreshold = 10, RecoveryTimeout = TimeSpan.FromSeconds(60) };
}
