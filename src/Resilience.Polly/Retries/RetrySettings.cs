namespace Resilience.Polly;

internal static class RetrySettings
{
    private static readonly DurationKind Wait = new(TimeSpan.Zero, TimeSpan.FromDays(1));

    private static readonly DurationKind Window = new(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));

    private static readonly SettingsBlock<RetryBudgetOptions> Budget = new SettingsBlock<RetryBudgetOptions>()
        .Add("Enabled", new SwitchKind(), o => o.Enabled, (o, v) => o.Enabled = v)
        .Add("Ratio", new NumberKind<double>(0, 10), o => o.Ratio, (o, v) => o.Ratio = v)
        .Add("ReservePerSecond", new NumberKind<int>(0, 1_000_000), o => o.ReservePerSecond, (o, v) => o.ReservePerSecond = v)
        .Add("Window", Window, o => o.Window, (o, v) => o.Window = v);

    public static readonly SettingsBlock<RetryOptions> Block = new SettingsBlock<RetryOptions>()
        .Add("MaxAttempts", new NumberKind<int>(1, 100), o => o.MaxAttempts, (o, v) => o.MaxAttempts = v)
        .Add("MinWait", Wait, o => o.MinWait, (o, v) => o.MinWait = v)
        .Add("MaxWait", Wait, o => o.MaxWait, (o, v) => o.MaxWait = v)
        .Add("Multiplier", new NumberKind<double>(1, 100), o => o.Multiplier, (o, v) => o.Multiplier = v)
        .Add("Jitter", new SwitchKind(), o => o.Jitter, (o, v) => o.Jitter = v)
        .AddBlock("Budget", Budget, [], o => o.Budget, (o, v) => o.Budget = v);

    public static readonly Presets<RetryOptions> Presets = new()
    {
        [nameof(RetryPresets.Conservative)] = () => RetryPresets.Conservative,
        [nameof(RetryPresets.Aggressive)] = () => RetryPresets.Aggressive,
    };
}
