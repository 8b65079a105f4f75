namespace Resilience.Polly;

internal static class AlertSettings
{
    private static readonly NumberKind<double> Share = new(0, 1);

    public static readonly SettingsBlock<AlertOptions> Block = new SettingsBlock<AlertOptions>()
        .Add("RetryRate", Share, o => o.RetryRate, (o, v) => o.RetryRate = v)
        .Add("Utilization", Share, o => o.Utilization, (o, v) => o.Utilization = v)
        .Add("CircuitOpen", new SwitchKind(), o => o.CircuitOpen, (o, v) => o.CircuitOpen = v)
        .Add("MinimumCalls", new NumberKind<int>(1, 1_000_000), o => o.MinimumCalls, (o, v) => o.MinimumCalls = v)
        .Add("Hold", new DurationKind(TimeSpan.Zero, TimeSpan.FromHours(1)), o => o.Hold, (o, v) => o.Hold = v);
}
