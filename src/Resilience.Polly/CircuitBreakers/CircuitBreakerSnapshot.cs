using Polly.CircuitBreaker;

namespace Resilience.Polly;

/// <summary>The state of a circuit (guide: "Monitoring Circuit Breaker State").</summary>
public sealed class CircuitBreakerSnapshot
{
    /// <summary>The state. An open circuit whose recovery timeout is over reads as half-open, even before a call comes.</summary>
    public CircuitState State { get; init; }

    /// <summary>Failures in a row.</summary>
    public int FailureCount { get; init; }

    /// <summary>Failures in a row that open the circuit; <see langword="null"/> if they do not.</summary>
    public int? FailureThreshold { get; init; }

    /// <summary>Calls within the sampling window of a closed circuit; 0 if no ratio is set.</summary>
    public long SampledCalls { get; init; }

    /// <summary>Those of <see cref="SampledCalls"/> that failed.</summary>
    public long SampledFailures { get; init; }

    /// <summary>Those of <see cref="SampledCalls"/> that took longer than <see cref="CircuitBreakerOptions.SlowCallDuration"/>.</summary>
    public long SampledSlowCalls { get; init; }

    /// <summary>The time until a call may probe; <see langword="null"/> while the circuit is closed, or isolated without end.</summary>
    public TimeSpan? TimeToProbe { get; init; }

    /// <summary>The circuit of all instances; <see langword="null"/> if it is not shared. <see cref="State"/> is that of this instance, which decides on its calls.</summary>
    public SharedCircuitSnapshot? Shared { get; init; }

    /// <summary>The last change of state and its reason, or <see langword="null"/> if there was none.</summary>
    public CircuitStateChangedEvent? LastTransition { get; init; }
}
