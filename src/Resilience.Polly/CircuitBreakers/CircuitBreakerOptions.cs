using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>When calls to a failing dependency stop, and when it is tried again (guide: "Pattern 3: Circuit Breaker Pattern").</summary>
public sealed class CircuitBreakerOptions
{
    internal static readonly SettingsBlock<CircuitBreakerOptions> Settings = new SettingsBlock<CircuitBreakerOptions>()
        .AddOptional(nameof(FailureThreshold), new NumberKind<int>(1, 1_000_000), o => o.FailureThreshold, (o, v) => o.FailureThreshold = v)
        .AddOptional(nameof(FailureRatio), new NumberKind<double>(0.01, 1), o => o.FailureRatio, (o, v) => o.FailureRatio = v)
        .AddOptional(nameof(SlowCallDuration), new DurationKind(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)), o => o.SlowCallDuration, (o, v) => o.SlowCallDuration = v)
        .Add(nameof(SlowCallRatio), new NumberKind<double>(0.01, 1), o => o.SlowCallRatio, (o, v) => o.SlowCallRatio = v)
        .Add(nameof(SamplingDuration), new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), o => o.SamplingDuration, (o, v) => o.SamplingDuration = v)
        .Add(nameof(MinimumThroughput), new NumberKind<int>(2, 1_000_000), o => o.MinimumThroughput, (o, v) => o.MinimumThroughput = v)
        .Add(nameof(RecoveryTimeout), new DurationKind(TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)), o => o.RecoveryTimeout, (o, v) => o.RecoveryTimeout = v)
        .Add(nameof(RecoveryMultiplier), new NumberKind<double>(1, 10), o => o.RecoveryMultiplier, (o, v) => o.RecoveryMultiplier = v)
        .Add(nameof(MaxRecoveryTimeout), new DurationKind(TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)), o => o.MaxRecoveryTimeout, (o, v) => o.MaxRecoveryTimeout = v)
        .Add(nameof(Probes), new NumberKind<int>(1, 100), o => o.Probes, (o, v) => o.Probes = v)
        .Add(nameof(Shared), Kinds.Switch, o => o.Shared, (o, v) => o.Shared = v)
        .Add(nameof(Mode), new ChoiceKind<CircuitBreakerMode>(), o => o.Mode, (o, v) => o.Mode = v)
        .Add(nameof(CountPer), new ChoiceKind<CircuitCount>(), o => o.CountPer, (o, v) => o.CountPer = v)
        .AddRule(o => o is { FailureThreshold: null, FailureRatio: null, SlowCallDuration: null } && o.Mode != CircuitBreakerMode.Disabled
            ? new(nameof(FailureThreshold), "not set", "nothing opens this circuit: set FailureThreshold, FailureRatio or SlowCallDuration, or Mode to Disabled")
            : null)
        .AddRule(o => o.RecoveryMultiplier > 1 && o.MaxRecoveryTimeout < o.RecoveryTimeout
            ? new(nameof(MaxRecoveryTimeout), $"{o.MaxRecoveryTimeout:c}", $"is shorter than RecoveryTimeout, which is {o.RecoveryTimeout:c}")
            : null)
        .AddPreset(nameof(CircuitBreakerPresets.Sensitive), () => CircuitBreakerPresets.Sensitive)
        .AddPreset(nameof(CircuitBreakerPresets.Tolerant), () => CircuitBreakerPresets.Tolerant);

    /// <summary>Failures in a row that open the circuit.</summary>
    /// <value>A number of 1 to 1000000, or <see langword="null"/> not to open it so; the default is 5.</value>
    public int? FailureThreshold { get; set; } = 5;

    /// <summary>The share of the calls within <see cref="SamplingDuration"/> whose failure opens the circuit, once there are <see cref="MinimumThroughput"/> of them.</summary>
    /// <value>A number of 0.01 to 1, or <see langword="null"/> not to open it so; the default is <see langword="null"/>.</value>
    public double? FailureRatio { get; set; }

    /// <summary>
    /// From which duration of its last attempt on a call is slow. A share of <see cref="SlowCallRatio"/> within <see cref="SamplingDuration"/> opens the circuit, once there are
    /// <see cref="MinimumThroughput"/> calls. A slow probe opens it again.
    /// </summary>
    /// <value>A duration of 00:00:00.0010000 to 1.00:00:00, or <see langword="null"/> not to open it so; the default is <see langword="null"/>.</value>
    public TimeSpan? SlowCallDuration { get; set; }

    /// <summary>The share of slow calls that opens the circuit.</summary>
    /// <value>A number of 0.01 to 1; the default is 0.5.</value>
    public double SlowCallRatio { get; set; } = 0.5;

    /// <summary>The window over which the two ratios are taken, in ten parts. A circuit that closes begins with an empty one.</summary>
    /// <value>A duration of 00:00:01 to 01:00:00; the default is 30 seconds.</value>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many calls the window must hold before a ratio opens the circuit.</summary>
    /// <value>A number of 2 to 1000000; the default is 100.</value>
    public int MinimumThroughput { get; set; } = 100;

    /// <summary>How long the circuit stays open before one call may probe the dependency. A probe that has not ended after the same time no longer counts.</summary>
    /// <value>A duration of 00:00:00.0100000 to 1.00:00:00; the default is 30 seconds.</value>
    public TimeSpan RecoveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>By what each further break is longer than the one before, while probes fail. A circuit that closes begins with <see cref="RecoveryTimeout"/> again.</summary>
    /// <value>A number of 1 to 10; the default is 1, which keeps all breaks alike.</value>
    public double RecoveryMultiplier { get; set; } = 1;

    /// <summary>The longest break that <see cref="RecoveryMultiplier"/> leads to.</summary>
    /// <value>A duration of 00:00:00.0100000 to 1.00:00:00; the default is 5 minutes.</value>
    public TimeSpan MaxRecoveryTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many probes in a row must succeed before the circuit closes. They follow one another.</summary>
    /// <value>A number of 1 to 100; the default is 1.</value>
    public int Probes { get; set; } = 1;

    /// <summary>
    /// Whether the instances of the application share the circuit. It opens for all once <see cref="SharedStateOptions.Quorum"/> of them have opened theirs, one instance probes, and
    /// its probe closes it for all. Needs a store, such as that of <c>AddRedis</c>.
    /// </summary>
    /// <value>true or false; the default is <see langword="false"/>.</value>
    public bool Shared { get; set; }

    /// <summary>Whether the circuit rejects calls, only watches, or is off.</summary>
    /// <value>Enforce, Observe, Disabled; the default is <see cref="CircuitBreakerMode.Enforce"/>.</value>
    public CircuitBreakerMode Mode { get; set; }

    /// <summary>Whether a call with all its retries is one verdict, or every attempt is.</summary>
    /// <value>Call, Attempt; the default is <see cref="CircuitCount.Call"/>, the guide's flow diagram.</value>
    public CircuitCount CountPer { get; set; }

    /// <summary>What is wrong with these settings in an application that has no store for shared state.</summary>
    internal SettingFault? FaultBeside(SharedStateOptions? store) => Shared && store is null
        ? new(nameof(Shared), "true", "needs a store that all instances use: call AddRedis of the package Resilience.Polly.Redis")
        : null;
}
