using Resilience.Polly.Primitives;

namespace Resilience.Polly.CircuitBreakers;

/// <summary>When a circuit opens, for how long, and when it closes: its options, with times in timestamps.</summary>
internal sealed class CircuitRules(CircuitBreakerOptions options, TimeProvider clock)
{
    private readonly long _slow = options.SlowCallDuration is { } duration ? clock.Ticks(duration) : long.MaxValue;

    public CircuitBreakerOptions Options => options;

    public int FailureThreshold { get; } = options.FailureThreshold ?? int.MaxValue;

    public int Probes => options.Probes;

    /// <summary>The time after which a probe that has not ended loses its permit.</summary>
    public long ProbeLapsesAfter { get; } = clock.Ticks(options.RecoveryTimeout);

    /// <summary>Whether calls are counted over a window. If not, a healthy call reads no clock for the circuit.</summary>
    public bool Samples { get; } = options.FailureRatio is not null || options.SlowCallDuration is not null;

    /// <summary>How long the circuit stays open.</summary>
    /// <param name="breaks">How often it has opened before, since it was last closed.</param>
    public long BreakAfter(int breaks) => clock.Ticks(DurationAfter(breaks));

    /// <inheritdoc cref="BreakAfter"/>
    public TimeSpan DurationAfter(int breaks)
    {
        var factor = Math.Pow(options.RecoveryMultiplier, breaks); // infinite for many breaks, and so over the limit
        return factor == 1 ? options.RecoveryTimeout
            : factor < options.MaxRecoveryTimeout / options.RecoveryTimeout ? options.RecoveryTimeout * factor
            : options.MaxRecoveryTimeout;
    }

    public bool IsSlow(long duration) => duration >= _slow;

    public bool IsExceededBy(in CircuitSample sample) =>
        sample.Calls >= options.MinimumThroughput && (FailsTooOften(sample) || IsTooOftenSlow(sample));

    public bool FailsTooOften(in CircuitSample sample) => options.FailureRatio is { } ratio && sample.Failures >= ratio * sample.Calls;

    private bool IsTooOftenSlow(in CircuitSample sample) => options.SlowCallDuration is not null && sample.Slow >= options.SlowCallRatio * sample.Calls;
}
