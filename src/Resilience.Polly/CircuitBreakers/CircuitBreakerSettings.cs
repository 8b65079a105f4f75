namespace Resilience.Polly;

internal static class CircuitBreakerSettings
{
    public static readonly ChildBlock<PipelineOptions, CircuitBreakerOptions> Block = new(
        "CircuitBreaker",
        new SettingsBlock<CircuitBreakerOptions>([
            new Setting<CircuitBreakerOptions, int>("FailureThreshold", new NumberKind<int>(1, 1_000_000), o => o.FailureThreshold, (o, v) => o.FailureThreshold = v),
            new Setting<CircuitBreakerOptions, TimeSpan>("RecoveryTimeout", new DurationKind(TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)), o => o.RecoveryTimeout, (o, v) => o.RecoveryTimeout = v),
            new Setting<CircuitBreakerOptions, CircuitBreakerMode>("Mode", new ChoiceKind<CircuitBreakerMode>(), o => o.Mode, (o, v) => o.Mode = v),
            new Setting<CircuitBreakerOptions, CircuitCount>("CountPer", new ChoiceKind<CircuitCount>(), o => o.CountPer, (o, v) => o.CountPer = v),
        ]),
        o => o.CircuitBreaker,
        (o, v) => o.CircuitBreaker = v,
        new Dictionary<string, Func<CircuitBreakerOptions>>(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(CircuitBreakerPresets.Sensitive)] = () => CircuitBreakerPresets.Sensitive,
            [nameof(CircuitBreakerPresets.Tolerant)] = () => CircuitBreakerPresets.Tolerant,
        });
}
