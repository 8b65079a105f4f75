namespace Resilience.Polly;

/// <summary>Decides, once per window, how many calls may be inside a bulkhead at once (guide: "Dynamic Bulkhead Sizing").</summary>
/// <remarks>
/// <see cref="AdaptiveBulkheadOptions.Use"/> takes a factory: each pipeline has its own policy, and a new one after a change of its bulkhead settings. So a policy
/// may keep state in fields. One thread at a time calls it. If it throws, or decides on a number outside the limits of the
/// window, that is logged, and the number of slots stays.
/// </remarks>
public interface IConcurrencyLimitPolicy
{
    /// <summary>Decides on the number of slots.</summary>
    /// <param name="window">The calls since the last decision.</param>
    /// <returns>The number of slots from now on, and why.</returns>
    ConcurrencyDecision Decide(ConcurrencyWindow window);
}
