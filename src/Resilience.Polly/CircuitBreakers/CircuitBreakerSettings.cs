namespace Resilience.Polly;

internal static class CircuitBreakerSettings
{
    private static readonly DurationKind Recovery = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1));

    public static readonly SettingsBlock<CircuitBreakerOptions> Block = new SettingsBlock<CircuitBreakerOptions>()
        .Add("FailureThreshold", new NumberKind<int>(1, 1_000_000), o => o.FailureThreshold, (o, v) => o.FailureThreshold = v)
        .Add("RecoveryTimeout", Recovery, o => o.RecoveryTimeout, (o, v) => o.RecoveryTimeout = v)
        .Add("Mode", new ChoiceKind<CircuitBreakerMode>(), o => o.Mode, (o, v) => o.Mode = v)
        .Add("CountPer", new ChoiceKind<CircuitCount>(), o => o.CountPer, (o, v) => o.CountPer = v);

    public static readonly Presets<CircuitBreakerOptions> Presets = new()
    {
        [nameof(CircuitBreakerPresets.Sensitive)] = () => CircuitBreakerPresets.Sensitive,
        [nameof(CircuitBreakerPresets.Tolerant)] = () => CircuitBreakerPresets.Tolerant,
    };
}
