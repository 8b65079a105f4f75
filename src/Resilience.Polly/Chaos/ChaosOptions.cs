using Microsoft.Extensions.Hosting;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>
/// Failures on purpose, to see how the other blocks handle them (guide: "Key Takeaways for Junior Engineers"). Polly's chaos strategies inject them
/// innermost in the pipeline. Each attempt draws at random; injected failures are timed out, retried and counted like the dependency's own.
/// </summary>
public sealed class ChaosOptions
{
    internal static readonly SettingsBlock<ChaosOptions> Settings = new SettingsBlock<ChaosOptions>()
        .Add(nameof(Enabled), Kinds.Switch, o => o.Enabled, (o, v) => o.Enabled = v)
        .Add(nameof(FaultRate), Kinds.Share, o => o.FaultRate, (o, v) => o.FaultRate = v)
        .Add(nameof(LatencyRate), Kinds.Share, o => o.LatencyRate, (o, v) => o.LatencyRate = v)
        .Add(nameof(Latency), Kinds.Limit, o => o.Latency, (o, v) => o.Latency = v)
        .Add(nameof(OutcomeRate), Kinds.Share, o => o.OutcomeRate, (o, v) => o.OutcomeRate = v)
        .Add(nameof(AllowInProduction), Kinds.Switch, o => o.AllowInProduction, (o, v) => o.AllowInProduction = v);

    /// <summary>
    /// Whether anything is injected. In the environment Production, or in an unknown environment, this is a fault of the settings
    /// unless <see cref="AllowInProduction"/> is set.
    /// </summary>
    /// <value>true or false; the default is <see langword="false"/>.</value>
    public bool Enabled { get; set; }

    /// <summary>The share of attempts that find their dependency unreachable: they fail with an <see cref="HttpRequestException"/> like a refused connection,
    /// and nothing is sent.</summary>
    /// <value>A number of 0 to 1; the default is 0.</value>
    public double FaultRate { get; set; }

    /// <summary>The share of attempts that begin later by <see cref="Latency"/>.</summary>
    /// <value>A number of 0 to 1; the default is 0.</value>
    public double LatencyRate { get; set; }

    /// <summary>How much later.</summary>
    /// <value>A duration of 00:00:00.0010000 to 1.00:00:00; the default is 1 second.</value>
    public TimeSpan Latency { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The share of the other attempts that get a 503 without anything being sent: as an <see cref="HttpResponseMessage"/> if the call returns one,
    /// otherwise as an <see cref="HttpStatusException"/>.
    /// </summary>
    /// <value>A number of 0 to 1; the default is 0.</value>
    public double OutcomeRate { get; set; }

    /// <summary>Whether <see cref="Enabled"/> is allowed in Production too.</summary>
    /// <value>true or false; the default is <see langword="false"/>.</value>
    public bool AllowInProduction { get; set; }

    /// <summary>Whether chaos can affect an attempt.</summary>
    internal bool IsOn => Enabled && (FaultRate > 0 || LatencyRate > 0 || OutcomeRate > 0);

    /// <summary>The fault if calls must not fail on purpose in this environment.</summary>
    /// <param name="environment">The host's name of the environment; <see langword="null"/> if there is no host.</param>
    internal SettingFault? FaultIn(string? environment)
    {
        var place =
            environment is null ? "where no IHostEnvironment says that this is not Production"
            : environment.Equals(Environments.Production, StringComparison.OrdinalIgnoreCase) ? "in the environment Production"
            : null;
        return Enabled && !AllowInProduction && place is not null
            ? new(nameof(Enabled), "true", $"calls do not fail on purpose {place}; switch it off, or set AllowInProduction beside it to allow it")
            : null;
    }
}
