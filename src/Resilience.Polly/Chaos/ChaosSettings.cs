using Microsoft.Extensions.Hosting;

namespace Resilience.Polly;

internal static class ChaosSettings
{
    private static readonly NumberKind<double> Share = new(0, 1);

    public static readonly SettingsBlock<ChaosOptions> Block = new SettingsBlock<ChaosOptions>()
        .Add("Enabled", new SwitchKind(), o => o.Enabled, (o, v) => o.Enabled = v)
        .Add("FaultRate", Share, o => o.FaultRate, (o, v) => o.FaultRate = v)
        .Add("LatencyRate", Share, o => o.LatencyRate, (o, v) => o.LatencyRate = v)
        .Add("Latency", new DurationKind(TimeoutLimits.Shortest, TimeoutLimits.Longest), o => o.Latency, (o, v) => o.Latency = v)
        .Add("OutcomeRate", Share, o => o.OutcomeRate, (o, v) => o.OutcomeRate = v)
        .Add("AllowInProduction", new SwitchKind(), o => o.AllowInProduction, (o, v) => o.AllowInProduction = v);

    /// <param name="chaos">The settings; <see langword="null"/> is a fault of its own.</param>
    /// <param name="environment">What the host calls the environment; <see langword="null"/> where there is no host that says it.</param>
    /// <param name="path">Where the pipeline is configured.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static void CheckPlace(ChaosOptions? chaos, string? environment, string path, ICollection<SettingFault> faults)
    {
        if (chaos is not { Enabled: true, AllowInProduction: false })
        {
            return;
        }

        var place =
            environment is null ? "where no IHostEnvironment says that this is not Production"
            : environment.Equals(Environments.Production, StringComparison.OrdinalIgnoreCase) ? "in the environment Production"
            : null;
        if (place is not null)
        {
            faults.Add(new($"{path}:Chaos:Enabled", "true", $"calls do not fail on purpose {place}; switch it off, or set AllowInProduction beside it if they shall"));
        }
    }
}
