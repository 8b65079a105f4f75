using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>Which calls are rejected while the machine is overloaded (guide: "Load Shedding").</summary>
/// <remarks>Needs <c>AddLoadShedding</c>, which reads the load.</remarks>
public sealed class LoadSheddingOptions
{
    internal static readonly SettingsBlock<LoadSheddingOptions> Settings = Create(new(0.01, 1));

    /// <summary>Whether calls are shed at all.</summary>
    /// <value>true or false; the default is <see langword="false"/>.</value>
    public bool Enabled { get; set; }

    /// <summary>The share of the processor time that the process may use, above which the machine is overloaded.</summary>
    /// <value>A number of 0.01 to 1; the default is 0.8.</value>
    public double Cpu { get; set; } = 0.8;

    /// <summary>The share of the memory that the process may use, above which the machine is overloaded.</summary>
    /// <value>A number of 0.01 to 1; the default is 0.85.</value>
    public double Memory { get; set; } = 0.85;

    /// <summary>The share of the calls that are shed during overload: <see cref="CallPriority.Sheddable"/> ones first. <see cref="CallPriority.Critical"/>
    /// ones are never shed, and do not count for the share.</summary>
    /// <value>A number of 0.01 to 1; the default is 0.3.</value>
    public double Share { get; set; } = 0.3;

    /// <summary>The fault if no reader of the load is registered.</summary>
    internal SettingFault? FaultBeside(ILoadReader? reader) => Enabled && reader is null
        ? new(nameof(Enabled), "true", "needs readings of the load; call AddLoadShedding() on what AddResilience returns")
        : null;

    private static SettingsBlock<LoadSheddingOptions> Create(NumberKind<double> share) => new SettingsBlock<LoadSheddingOptions>()
        .Add(nameof(Enabled), Kinds.Switch, o => o.Enabled, (o, v) => o.Enabled = v)
        .Add(nameof(Cpu), share, o => o.Cpu, (o, v) => o.Cpu = v)
        .Add(nameof(Memory), share, o => o.Memory, (o, v) => o.Memory = v)
        .Add(nameof(Share), share, o => o.Share, (o, v) => o.Share = v);
}
