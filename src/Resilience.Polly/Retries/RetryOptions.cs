using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>How often a failed attempt is repeated, and after which wait (guide: "Pattern 2: Retry Pattern").</summary>
/// <remarks>
/// Before attempt n the wait is <c>min(MinWait x Multiplier^(n-2), MaxWait)</c>, with <see cref="Jitter"/> plus a random
/// part of up to the same length, the sum never over <see cref="MaxWait"/>: 1-2 s, 2-4 s, 4-8 s with the defaults.
/// </remarks>
public sealed class RetryOptions
{
    internal static readonly SettingsBlock<RetryOptions> Settings = new SettingsBlock<RetryOptions>()
        .Add(nameof(MaxAttempts), new NumberKind<int>(1, 100), o => o.MaxAttempts, (o, v) => o.MaxAttempts = v)
        .Add(nameof(MinWait), Kinds.Wait, o => o.MinWait, (o, v) => o.MinWait = v)
        .Add(nameof(MaxWait), Kinds.Wait, o => o.MaxWait, (o, v) => o.MaxWait = v)
        .Add(nameof(Multiplier), new NumberKind<double>(1, 100), o => o.Multiplier, (o, v) => o.Multiplier = v)
        .Add(nameof(Jitter), Kinds.Switch, o => o.Jitter, (o, v) => o.Jitter = v)
        .AddBlock(nameof(Budget), RetryBudgetOptions.Settings, o => o.Budget, (o, v) => o.Budget = v)
        .AddRule(o => o.MinWait > o.MaxWait ? new(nameof(MinWait), $"{o.MinWait:c}", $"is longer than MaxWait, which is {o.MaxWait:c}") : null)
        .AddPreset(nameof(RetryPresets.Conservative), () => RetryPresets.Conservative)
        .AddPreset(nameof(RetryPresets.Aggressive), () => RetryPresets.Aggressive);

    /// <summary>Attempts per call, the first one included; 1 means no retry.</summary>
    /// <value>A number of 1 to 100; the default is 3.</value>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>The wait before the second attempt, without jitter.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00, not over <see cref="MaxWait"/>; the default is 1 second.</value>
    public TimeSpan MinWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait. If a server asks for a longer one with <c>Retry-After</c>, there are no further attempts.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is 60 seconds.</value>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>By how much each wait is longer than the one before.</summary>
    /// <value>A number of 1 to 100; the default is 2.</value>
    public double Multiplier { get; set; } = 2.0;

    /// <summary>Adds a random part to each wait, so that the retries of many clients do not arrive together.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool Jitter { get; set; } = true;

    /// <summary>How many retries all calls of the pipeline may add together.</summary>
    /// <value>On, with 20 % of the calls and 10 retries a second.</value>
    public RetryBudgetOptions Budget { get; set; } = new();
}
