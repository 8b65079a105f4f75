namespace Resilience.Polly;

internal static class TimeoutSettings
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static readonly DurationKind Limit = new(TimeSpan.FromMilliseconds(1), Longest, canBeInfinite: true);

    private static readonly DurationKind OptionalLimit = new(TimeSpan.FromMilliseconds(1), Longest);

    public static readonly ChildBlock<PipelineOptions, TimeoutOptions> Block = new(
        "Timeout",
        new SettingsBlock<TimeoutOptions>([
            new Setting<TimeoutOptions, TimeSpan>("Connect", Limit, o => o.Connect, (o, v) => o.Connect = v),
            new Setting<TimeoutOptions, TimeSpan>("Read", Limit, o => o.Read, (o, v) => o.Read = v),
            new Setting<TimeoutOptions, TimeSpan>("Write", Limit, o => o.Write, (o, v) => o.Write = v),
            new Setting<TimeoutOptions, TimeSpan>("Pool", Limit, o => o.Pool, (o, v) => o.Pool = v),
            new OptionalSetting<TimeoutOptions, TimeSpan>("Attempt", OptionalLimit, o => o.Attempt, (o, v) => o.Attempt = v),
            new OptionalSetting<TimeoutOptions, TimeSpan>("Total", OptionalLimit, o => o.Total, (o, v) => o.Total = v),
            new Setting<TimeoutOptions, double>("ProgressiveStep", new NumberKind<double>(0, 10), o => o.ProgressiveStep, (o, v) => o.ProgressiveStep = v),
        ]),
        o => o.Timeout,
        (o, v) => o.Timeout = v,
        new Dictionary<string, Func<TimeoutOptions>>(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(TimeoutPresets.HighLatency)] = () => TimeoutPresets.HighLatency,
            [nameof(TimeoutPresets.LowLatency)] = () => TimeoutPresets.LowLatency,
        });
}
