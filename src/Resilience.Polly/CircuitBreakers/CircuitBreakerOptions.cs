using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>When calls to a failing dependency stop, and when it is tried again (guide: "Pattern 3: Circuit Breaker Pattern").</summary>
public sealed class CircuitBreakerOptions
{
    internal static readonly SettingsBlock<CircuitBreakerOptions> Settings = new SettingsBlock<CircuitBreakerOptions>()
        .Add(nameof(FailureThreshold), new NumberKind<int>(1, 1_000_000), o => o.FailureThreshold, (o, v) => o.FailureThreshold = v)
        .Add(nameof(RecoveryTimeout), new DurationKind(TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)), o => o.RecoveryTimeout, (o, v) => o.RecoveryTimeout = v)
        .Add(nameof(Mode), new ChoiceKind<CircuitBreakerMode>(), o => o.Mode, (o, v) => o.Mode = v)
        .Add(nameof(CountPer), new ChoiceKind<CircuitCount>(), o => o.CountPer, (o, v) => o.CountPer = v)
        .AddPreset(nameof(CircuitBreakerPresets.Sensitive), () => CircuitBreakerPresets.Sensitive)
        .AddPreset(nameof(CircuitBreakerPresets.Tolerant), () => CircuitBreakerPresets.Tolerant);

    /// <summary>Failures in a row that open the circuit.</summary>
    /// <value>A number of 1 to 1000000; the default is 5.</value>
    public int FailureThreshold { get; set; } = 5;

    /// <summary>How long the circuit stays open before one call may probe the dependency. A probe that has not ended after the same time no longer counts.</summary>
    /// <value>A duration of 00:00:00.0100000 to 1.00:00:00; the default is 30 seconds.</value>
    public TimeSpan RecoveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the circuit rejects calls, only watches, or is off.</summary>
    /// <value>Enforce, Observe, Disabled; the default is <see cref="CircuitBreakerMode.Enforce"/>.</value>
    public CircuitBreakerMode Mode { get; set; }

    /// <summary>Whether a call with all its retries is one verdict, or every attempt is.</summary>
    /// <value>Call, Attempt; the default is <see cref="CircuitCount.Call"/>, the guide's flow diagram.</value>
    public CircuitCount CountPer { get; set; }
}
