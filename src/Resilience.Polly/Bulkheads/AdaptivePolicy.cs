namespace Resilience.Polly;

/// <summary>Whether the number of slots follows the dependency, and by what (guide: "Dynamic Bulkhead Sizing").</summary>
public enum AdaptivePolicy
{
    /// <summary>It does not: <see cref="BulkheadOptions.MaxConcurrency"/> slots, whatever happens.</summary>
    Off,

    /// <summary>By the share of failed attempts, in three steps: half of the slots above 20 %, twice as many below 5 %, and the configured number between.</summary>
    ErrorRate,

    /// <summary>By latency: fewer slots while attempts take longer than they do without a queue at the dependency, more while they do not.</summary>
    Gradient,
}
