using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>
/// Limits the load that retries add to a failing dependency: over <see cref="Window"/>, at most <see cref="Ratio"/> of the calls plus
/// <see cref="ReservePerSecond"/> a second are retried. When the budget is spent, a call returns its last outcome without a further attempt.
/// </summary>
public sealed class RetryBudgetOptions
{
    internal static readonly SettingsBlock<RetryBudgetOptions> Settings = new SettingsBlock<RetryBudgetOptions>()
        .Add(nameof(Enabled), Kinds.Switch, o => o.Enabled, (o, v) => o.Enabled = v)
        .Add(nameof(Ratio), new NumberKind<double>(0, 10), o => o.Ratio, (o, v) => o.Ratio = v)
        .Add(nameof(ReservePerSecond), new NumberKind<int>(0, 1_000_000), o => o.ReservePerSecond, (o, v) => o.ReservePerSecond = v)
        .Add(nameof(Window), new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), o => o.Window, (o, v) => o.Window = v);

    /// <summary>Whether retries are bounded at all.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Retries per call, on average over the window.</summary>
    /// <value>A number of 0 to 10; the default is 0.2, which is 20 % of the calls.</value>
    public double Ratio { get; set; } = 0.2;

    /// <summary>Retries a second that are always allowed, so that a pipeline with few calls can retry too.</summary>
    /// <value>A number of 0 to 1000000; the default is 10.</value>
    public int ReservePerSecond { get; set; } = 10;

    /// <summary>The period that the budget looks back on, in ten equal parts.</summary>
    /// <value>A duration of 00:00:01 to 01:00:00; the default is 10 seconds.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(10);
}
