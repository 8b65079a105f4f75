namespace Resilience.Polly;

/// <summary>Decides, once per window, how many calls may be inside a bulkhead at once (guide: "Dynamic Bulkhead Sizing").</summary>
/// <remarks>
/// <see cref="AdaptiveBulkheadOptions.Use"/> takes a factory: each pipeline has a policy of its own, and a new one after a change of its bulkhead settings. A policy
/// may therefore keep state in fields. One thread at a time asks it. A policy that throws, or decides on a number outside the limits of the
/// window, is logged, and the number of slots stays as it is.
/// </remarks>
public interface IConcurrencyLimitPolicy
{
    /// <summary>Decides on the number of slots.</summary>
    /// <param name="window">What happened since the last decision.</param>
    /// <returns>The number of slots from now on, and why.</returns>
    ConcurrencyDecision Decide(ConcurrencyWindow window);
}
