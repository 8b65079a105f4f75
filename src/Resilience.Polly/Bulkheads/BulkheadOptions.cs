using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>How many calls may be inside at once, and how long others wait for a slot (guide: "Pattern 4: Bulkhead Pattern").</summary>
public sealed class BulkheadOptions
{
    internal static readonly SettingsBlock<BulkheadOptions> Settings = new SettingsBlock<BulkheadOptions>()
        .Add(nameof(MaxConcurrency), AdaptiveBulkheadOptions.SlotLimits, o => o.MaxConcurrency, (o, v) => o.MaxConcurrency = v)
        .Add(nameof(AcquisitionTimeout), Kinds.Wait, o => o.AcquisitionTimeout, (o, v) => o.AcquisitionTimeout = v)
        .AddOptional(nameof(MaxQueue), new NumberKind<int>(0, 1_000_000), o => o.MaxQueue, (o, v) => o.MaxQueue = v)
        .Add(nameof(HoldWhileWaiting), Kinds.Switch, o => o.HoldWhileWaiting, (o, v) => o.HoldWhileWaiting = v)
        .Add(nameof(Shared), Kinds.Switch, o => o.Shared, (o, v) => o.Shared = v)
        .AddBlock(nameof(Adaptive), AdaptiveBulkheadOptions.Settings, o => o.Adaptive, (o, v) => o.Adaptive = v)
        .AddRule(o => o.Adaptive is { IsOn: true } adaptive && (o.MaxConcurrency < adaptive.MinLimit || o.MaxConcurrency > adaptive.MaxLimit)
            ? new(
                nameof(MaxConcurrency),
                $"{o.MaxConcurrency}",
                $"is where adaptive slots begin, and not between Adaptive:MinLimit, which is {adaptive.MinLimit}, and Adaptive:MaxLimit, which is {adaptive.MaxLimit}")
            : null)
        .AddRule(o => o is { Shared: true, Adaptive.IsOn: true }
            ? new(nameof(Shared), "true", "cannot be combined with Adaptive: the slots that instances share have a fixed number")
            : null)
        .AddPreset(nameof(BulkheadPresets.Critical), () => BulkheadPresets.Critical)
        .AddPreset(nameof(BulkheadPresets.Standard), () => BulkheadPresets.Standard)
        .AddPreset(nameof(BulkheadPresets.Analytics), () => BulkheadPresets.Analytics)
        .AddPreset(nameof(BulkheadPresets.Background), () => BulkheadPresets.Background);

    /// <summary>Slots: calls that may be inside at once.</summary>
    /// <value>A number of 1 to 100000; the default is 20.</value>
    public int MaxConcurrency { get; set; } = 20;

    /// <summary>How long a call waits for a slot before <see cref="PoolTimeoutException"/>; zero means never wait.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is 5 seconds.</value>
    public TimeSpan AcquisitionTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many calls may wait at once; one more is rejected at once.</summary>
    /// <value>A number of 0 to 1000000, or <see langword="null"/> for no bound; the default is <see langword="null"/>.</value>
    public int? MaxQueue { get; set; }

    /// <summary>
    /// Whether a call keeps its slot while it waits for a retry. If not, it gives the slot back before the wait and joins the line again after it, for up to
    /// <see cref="AcquisitionTimeout"/>. If it gets no slot, the call ends with the failure of its last attempt.
    /// </summary>
    /// <value>true or false; the default is <see langword="true"/>, as in the guide.</value>
    public bool HoldWhileWaiting { get; set; } = true;

    /// <summary>
    /// Whether the instances of the application share the slots: <see cref="MaxConcurrency"/> is then the number for all of them together. Needs a store, such as that of <c>AddRedis</c>.
    /// </summary>
    /// <value>true or false; the default is <see langword="false"/>.</value>
    public bool Shared { get; set; }

    /// <summary>Whether the slots follow the health of the dependency.</summary>
    public AdaptiveBulkheadOptions Adaptive { get; set; } = new();

    /// <summary>What is wrong with these settings in an application that has no store for shared state.</summary>
    internal SettingFault? FaultBeside(SharedStateOptions? store) => this is { Shared: true, Adaptive.IsOn: false } && store is null
        ? new(nameof(Shared), "true", "needs a store that all instances use: call AddRedis of the package Resilience.Polly.Redis")
        : null;
}
