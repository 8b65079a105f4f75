namespace Resilience.Polly;

internal static class RetrySettings
{
    private static readonly DurationKind Wait = new(TimeSpan.Zero, TimeSpan.FromDays(1));

    private static readonly ChildBlock<RetryOptions, RetryBudgetOptions> Budget = new(
        "Budget",
        new SettingsBlock<RetryBudgetOptions>([
            new Setting<RetryBudgetOptions, bool>("Enabled", new SwitchKind(), o => o.Enabled, (o, v) => o.Enabled = v),
            new Setting<RetryBudgetOptions, double>("Ratio", new NumberKind<double>(0, 10), o => o.Ratio, (o, v) => o.Ratio = v),
            new Setting<RetryBudgetOptions, int>("ReservePerSecond", new NumberKind<int>(0, 1_000_000), o => o.ReservePerSecond, (o, v) => o.ReservePerSecond = v),
            new Setting<RetryBudgetOptions, TimeSpan>("Window", new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), o => o.Window, (o, v) => o.Window = v),
        ]),
        o => o.Budget,
        (o, v) => o.Budget = v,
        new Dictionary<string, Func<RetryBudgetOptions>>());

    public static readonly ChildBlock<PipelineOptions, RetryOptions> Block = new(
        "Retry",
        new SettingsBlock<RetryOptions>(
            [
                new Setting<RetryOptions, int>("MaxAttempts", new NumberKind<int>(1, 100), o => o.MaxAttempts, (o, v) => o.MaxAttempts = v),
                new Setting<RetryOptions, TimeSpan>("MinWait", Wait, o => o.MinWait, (o, v) => o.MinWait = v),
                new Setting<RetryOptions, TimeSpan>("MaxWait", Wait, o => o.MaxWait, (o, v) => o.MaxWait = v),
                new Setting<RetryOptions, double>("Multiplier", new NumberKind<double>(1, 100), o => o.Multiplier, (o, v) => o.Multiplier = v),
                new Setting<RetryOptions, bool>("Jitter", new SwitchKind(), o => o.Jitter, (o, v) => o.Jitter = v),
            ],
            Budget),
        o => o.Retry,
        (o, v) => o.Retry = v,
        new Dictionary<string, Func<RetryOptions>>(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(RetryPresets.Conservative)] = () => RetryPresets.Conservative,
            [nameof(RetryPresets.Aggressive)] = () => RetryPresets.Aggressive,
        });
}
