namespace Resilience.Polly;

internal static class BulkheadSettings
{
    private static readonly DurationKind Wait = new(TimeSpan.Zero, TimeSpan.FromDays(1));

    public static readonly SettingsBlock<BulkheadOptions> Block = new SettingsBlock<BulkheadOptions>()
        .Add("MaxConcurrency", new NumberKind<int>(1, 100_000), o => o.MaxConcurrency, (o, v) => o.MaxConcurrency = v)
        .Add("AcquisitionTimeout", Wait, o => o.AcquisitionTimeout, (o, v) => o.AcquisitionTimeout = v)
        .AddOptional("MaxQueue", new NumberKind<int>(0, 1_000_000), o => o.MaxQueue, (o, v) => o.MaxQueue = v)
        .AddBlock("Adaptive", AdaptiveBulkheadSettings.Block, [], o => o.Adaptive, (o, v) => o.Adaptive = v);

    public static readonly Presets<BulkheadOptions> Presets = new()
    {
        [nameof(BulkheadPresets.Critical)] = () => BulkheadPresets.Critical,
        [nameof(BulkheadPresets.Standard)] = () => BulkheadPresets.Standard,
        [nameof(BulkheadPresets.Background)] = () => BulkheadPresets.Background,
    };
}
