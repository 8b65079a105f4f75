namespace Resilience.Polly;

internal static class IdempotencySettings
{
    public static readonly SettingsBlock<IdempotencyOptions> Block = new SettingsBlock<IdempotencyOptions>()
        .Add("ServerDeduplicates", new SwitchKind(), o => o.ServerDeduplicates, (o, v) => o.ServerDeduplicates = v)
        .Add("RequestIdHeader", new HeaderNameKind(), o => o.RequestIdHeader, (o, v) => o.RequestIdHeader = v)
        .Add("KeyHeader", new HeaderNameKind(), o => o.KeyHeader, (o, v) => o.KeyHeader = v)
        .Add("MaxRequestBufferSize", new NumberKind<int>(0, 1024 * 1024 * 1024), o => o.MaxRequestBufferSize, (o, v) => o.MaxRequestBufferSize = v);
}
