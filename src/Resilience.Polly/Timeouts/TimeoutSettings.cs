namespace Resilience.Polly;

internal static class TimeoutSettings
{
    public static readonly DurationKind Limit = new(TimeoutLimits.Shortest, TimeoutLimits.Longest, canBeInfinite: true);

    // Zero is a way to wait for a pool, and the bulkhead knows it too: not at all.
    public static readonly DurationKind PoolLimit = new(TimeSpan.Zero, TimeoutLimits.Longest, canBeInfinite: true);

    private static readonly DurationKind OptionalLimit = new(TimeoutLimits.Shortest, TimeoutLimits.Longest);

    public static readonly SettingsBlock<TimeoutOptions> Block = new SettingsBlock<TimeoutOptions>()
        .Add("Connect", Limit, o => o.Connect, (o, v) => o.Connect = v)
        .Add("Read", Limit, o => o.Read, (o, v) => o.Read = v)
        .Add("Write", Limit, o => o.Write, (o, v) => o.Write = v)
        .Add("Pool", PoolLimit, o => o.Pool, (o, v) => o.Pool = v)
        .AddOptional("Attempt", OptionalLimit, o => o.Attempt, (o, v) => o.Attempt = v)
        .AddOptional("Total", OptionalLimit, o => o.Total, (o, v) => o.Total = v)
        .Add("ProgressiveStep", new NumberKind<double>(0, 10), o => o.ProgressiveStep, (o, v) => o.ProgressiveStep = v);

    public static readonly Presets<TimeoutOptions> Presets = new()
    {
        [nameof(TimeoutPresets.HighLatency)] = () => TimeoutPresets.HighLatency,
        [nameof(TimeoutPresets.LowLatency)] = () => TimeoutPresets.LowLatency,
    };
}
