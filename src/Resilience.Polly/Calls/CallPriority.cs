namespace Resilience.Polly;

/// <summary>How much depends on a call when there is not room for all (guide: "Load Shedding").</summary>
public enum CallPriority
{
    /// <summary>As any other.</summary>
    Normal,

    /// <summary>Given up last.</summary>
    Critical,

    /// <summary>Given up first.</summary>
    Sheddable,
}
