namespace Resilience.Polly;

/// <summary>What became of a part of a <see cref="ScatterGather"/>.</summary>
public enum ScatterPartState
{
    /// <summary>Nothing yet: the parts were not run, or the part is under way.</summary>
    Pending,

    /// <summary>Its call answered in time.</summary>
    Answered,

    /// <summary>Its call failed or was late, and its fallback gave the value. Degraded.</summary>
    Fallback,

    /// <summary>Its call failed or was late, and there is no fallback, or that failed or was late too. Degraded, and without a value.</summary>
    Missing,
}
