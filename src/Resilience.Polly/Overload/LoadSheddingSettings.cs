namespace Resilience.Polly;

internal static class LoadSheddingSettings
{
    private static readonly NumberKind<double> Share = new(0.01, 1);

    public static readonly SettingsBlock<LoadSheddingOptions> Block = new SettingsBlock<LoadSheddingOptions>()
        .Add("Enabled", new SwitchKind(), o => o.Enabled, (o, v) => o.Enabled = v)
        .Add("Cpu", Share, o => o.Cpu, (o, v) => o.Cpu = v)
        .Add("Memory", Share, o => o.Memory, (o, v) => o.Memory = v)
        .Add("Share", Share, o => o.Share, (o, v) => o.Share = v);
}
