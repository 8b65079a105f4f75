using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>A number of slots that follows the health of the dependency (guide: "Dynamic Bulkhead Sizing").</summary>
/// <remarks>
/// It begins at <see cref="BulkheadOptions.MaxConcurrency"/>, which must lie between <see cref="MinLimit"/> and <see cref="MaxLimit"/>, and changes
/// once per window and not per call. Windows end with attempts: without calls nothing changes.
/// </remarks>
public sealed class AdaptiveBulkheadOptions
{
    internal static readonly NumberKind<int> SlotLimits = new(1, 100_000);

    internal static readonly SettingsBlock<AdaptiveBulkheadOptions> Settings = new SettingsBlock<AdaptiveBulkheadOptions>()
        .Add(nameof(Policy), new ChoiceKind<AdaptivePolicy>(), o => o.Policy, (o, v) => o.Policy = v)
        .Add(nameof(Interval), new DurationKind(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)), o => o.Interval, (o, v) => o.Interval = v)
        .Add(nameof(MinimumAttempts), new NumberKind<int>(1, 1_000_000), o => o.MinimumAttempts, (o, v) => o.MinimumAttempts = v)
        .Add(nameof(MinLimit), SlotLimits, o => o.MinLimit, (o, v) => o.MinLimit = v)
        .Add(nameof(MaxLimit), SlotLimits, o => o.MaxLimit, (o, v) => o.MaxLimit = v)
        .AddInCode((left, right) => left.CreatePolicy == right.CreatePolicy);

    /// <summary>The policy that sets the number of slots.</summary>
    /// <value>Off, ErrorRate, Gradient; the default is <see cref="AdaptivePolicy.Off"/>.</value>
    public AdaptivePolicy Policy { get; set; }

    /// <summary>The shortest window. The window after a change of the slots also lasts until attempts that began after the change have ended.</summary>
    /// <value>A duration of 00:00:00.1000000 to 01:00:00; the default is 1 second.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A window lasts until this many attempts have ended.</summary>
    /// <value>A number of 1 to 1000000; the default is 10.</value>
    public int MinimumAttempts { get; set; } = 10;

    /// <summary>The fewest slots.</summary>
    /// <value>A number of 1 to 100000; the default is 5, as in the guide.</value>
    public int MinLimit { get; set; } = 5;

    /// <summary>The most slots.</summary>
    /// <value>A number of 1 to 100000; the default is 100, as in the guide.</value>
    public int MaxLimit { get; set; } = 100;

    internal Func<IConcurrencyLimitPolicy>? CreatePolicy { get; private set; }

    internal bool IsOn => CreatePolicy is not null || Policy != AdaptivePolicy.Off;

    /// <summary>Uses a custom policy instead of <see cref="Policy"/>. In code only.</summary>
    /// <param name="createPolicy">
    /// Creates a policy. Each pipeline calls it before its first decision, and again after a change of its bulkhead settings. If the delegate captures
    /// a variable of the code that sets the options, each reload creates a new delegate, which counts as a change.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="createPolicy"/> is <see langword="null"/>.</exception>
    public void Use(Func<IConcurrencyLimitPolicy> createPolicy)
    {
        ArgumentNullException.ThrowIfNull(createPolicy);
        CreatePolicy = createPolicy;
    }
}
