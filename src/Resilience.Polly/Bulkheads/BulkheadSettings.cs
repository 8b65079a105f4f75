namespace Resilience.Polly;

internal static class BulkheadSettings
{
    public static readonly ChildBlock<PipelineOptions, BulkheadOptions> Block = new(
        "Bulkhead",
        new SettingsBlock<BulkheadOptions>([
            new Setting<BulkheadOptions, int>("MaxConcurrency", new NumberKind<int>(1, 100_000), o => o.MaxConcurrency, (o, v) => o.MaxConcurrency = v),
            new Setting<BulkheadOptions, TimeSpan>("AcquisitionTimeout", new DurationKind(TimeSpan.Zero, TimeSpan.FromDays(1)), o => o.AcquisitionTimeout, (o, v) => o.AcquisitionTimeout = v),
            new OptionalSetting<BulkheadOptions, int>("MaxQueue", new NumberKind<int>(0, 1_000_000), o => o.MaxQueue, (o, v) => o.MaxQueue = v),
        ]),
        o => o.Bulkhead,
        (o, v) => o.Bulkhead = v,
        new Dictionary<string, Func<BulkheadOptions>>(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(BulkheadPresets.Critical)] = () => BulkheadPresets.Critical,
            [nameof(BulkheadPresets.Standard)] = () => BulkheadPresets.Standard,
            [nameof(BulkheadPresets.Background)] = () => BulkheadPresets.Background,
        });
}
