using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>The thresholds above which a person should look at a pipeline (guide: "Monitor pattern behavior").</summary>
/// <remarks>An alert is raised when its value stays above the threshold, and cleared when it stays below 80 % of the threshold, so that a value near the
/// threshold raises it only once.</remarks>
public sealed class AlertOptions
{
    internal static readonly SettingsBlock<AlertOptions> Settings = new SettingsBlock<AlertOptions>()
        .Add(nameof(RetryRate), Kinds.Share, o => o.RetryRate, (o, v) => o.RetryRate = v)
        .Add(nameof(Utilization), Kinds.Share, o => o.Utilization, (o, v) => o.Utilization = v)
        .Add(nameof(CircuitOpen), Kinds.Switch, o => o.CircuitOpen, (o, v) => o.CircuitOpen = v)
        .Add(nameof(MinimumCalls), new NumberKind<int>(1, 1_000_000), o => o.MinimumCalls, (o, v) => o.MinimumCalls = v)
        .Add(nameof(Hold), new DurationKind(TimeSpan.Zero, TimeSpan.FromHours(1)), o => o.Hold, (o, v) => o.Hold = v);

    /// <summary>The share of the calls of the last minute that needed a retry, above which <see cref="AlertKind.RetryRate"/> is raised.</summary>
    /// <value>A number of 0 to 1; the default is 0.1. 1 switches this alert off.</value>
    public double RetryRate { get; set; } = 0.1;

    /// <summary>The share of the slots in use, above which <see cref="AlertKind.Utilization"/> is raised.</summary>
    /// <value>A number of 0 to 1; the default is 0.8. 1 switches this alert off.</value>
    public double Utilization { get; set; } = 0.8;

    /// <summary>Whether a circuit that is not closed raises <see cref="AlertKind.CircuitOpen"/>, at once.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool CircuitOpen { get; set; } = true;

    /// <summary>Calls in the last minute, below which the retry rate raises no alert.</summary>
    /// <value>A number of 1 to 1000000; the default is 20.</value>
    public int MinimumCalls { get; set; } = 20;

    /// <summary>How long retry rate or utilisation must stay above or below the threshold before the alert is raised or cleared.</summary>
    /// <value>A duration of 00:00:00 to 01:00:00; the default is 5 seconds.</value>
    public TimeSpan Hold { get; set; } = TimeSpan.FromSeconds(5);
}
