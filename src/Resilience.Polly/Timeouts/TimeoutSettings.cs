namespace Resilience.Polly;

internal static class TimeoutSettings
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static readonly DurationKind Limit = new(TimeSpan.FromMilliseconds(1), Longest, canBeInfinite: true);

    private static readonly DurationKind OptionalLimit = new(TimeSpan.FromMilliseconds(1), Longest);

    public static readonly SettingsBlock<TimeoutOptions> Block = new SettingsBlock<TimeoutOptions>()
        .Add("Connect", Limit, o => o.Connect, (o, v) => o.Connect = v)
        .Add("Read", Limit, o => o.Read, (o, v) => o.Read = v)
        .Add("Write", Limit, o => o.Write, (o, v) => o.Write = v)
        .Add("Pool", Limit, o => o.Pool, (o, v) => o.Pool = v)
        .AddOptional("Attempt", OptionalLimit, o => o.Attempt, (o, v) => o.Attempt = v)
        .AddOptional("Total", OptionalLimit, o => o.Total, (o, v) => o.Total = v)
        .Add("ProgressiveStep", new NumberKind<double>(0, 10), o => o.ProgressiveStep, (o, v) => o.ProgressiveStep = v);

    public static readonly Presets<TimeoutOptions> Presets = new()
    {
        [nameof(TimeoutPresets.HighLatency)] = () => TimeoutPresets.HighLatency,
        [nameof(TimeoutPresets.LowLatency)] = () => TimeoutPresets.LowLatency,
    };
}
