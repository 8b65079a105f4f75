namespace Resilience.Polly;

/// <summary>What one partition of a pipeline is doing at one moment.</summary>
public sealed class PartitionSnapshot
{
    /// <summary>The key of its calls, such as <c>https://api.example:443</c>; <c>(overflow)</c> for calls whose key got no partition of its own.</summary>
    public required string Key { get; init; }

    /// <summary>The circuit.</summary>
    public required CircuitBreakerSnapshot CircuitBreaker { get; init; }

    /// <summary>The slots.</summary>
    public required BulkheadSnapshot Bulkhead { get; init; }

    /// <summary>The rate limit; <see langword="null"/> if the rate is not limited.</summary>
    public RateLimitSnapshot? RateLimit { get; init; }

    /// <summary>The balance of the retry budget; <see langword="null"/> if the budget is off.</summary>
    public RetryBudgetSnapshot? RetryBudget { get; init; }

    /// <summary>The calls that ended in the last minute.</summary>
    public required CallCounts Calls { get; init; }

    /// <summary>How long the calls of the last minute took.</summary>
    public required LatencySnapshot Latency { get; init; }

    /// <summary>The raised alerts.</summary>
    public required IReadOnlyList<Alert> Alerts { get; init; }
}
