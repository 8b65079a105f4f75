namespace Resilience.Polly;

/// <summary>Which calls are given up while the machine has more to do than it can (guide: "Load Shedding").</summary>
/// <remarks>Needs <c>AddLoadShedding</c>, which brings the readings.</remarks>
public sealed class LoadSheddingOptions
{
    /// <summary>Whether calls are shed at all.</summary>
    /// <value>true or false; the default is <see langword="false"/>.</value>
    public bool Enabled { get; set; }

    /// <summary>The share of the processor time that the process may use, above which the machine is overloaded.</summary>
    /// <value>A number of 0.01 to 1; the default is 0.8.</value>
    public double Cpu { get; set; } = 0.8;

    /// <summary>The share of the memory that the process may use, above which the machine is overloaded.</summary>
    /// <value>A number of 0.01 to 1; the default is 0.85.</value>
    public double Memory { get; set; } = 0.85;

    /// <summary>The share of the calls that are shed during overload: <see cref="CallPriority.Sheddable"/> ones first, <see cref="CallPriority.Critical"/> ones never, and not counted.</summary>
    /// <value>A number of 0.01 to 1; the default is 0.3.</value>
    public double Share { get; set; } = 0.3;

    internal LoadSheddingOptions Clone() => (LoadSheddingOptions)MemberwiseClone();
}
