namespace Resilience.Polly;

/// <summary>What happened at a bulkhead since the last decision on its slots.</summary>
/// <remarks>Counted are attempts that ended, but neither those that their caller cancelled nor calls that were rejected: those say nothing about the dependency.</remarks>
public sealed record ConcurrencyWindow
{
    /// <summary>The slots now.</summary>
    public required int Limit { get; init; }

    /// <summary>The configured slots, <see cref="BulkheadOptions.MaxConcurrency"/>.</summary>
    public required int BaseLimit { get; init; }

    /// <summary>The fewest slots that may be decided on.</summary>
    public required int MinLimit { get; init; }

    /// <summary>The most slots that may be decided on.</summary>
    public required int MaxLimit { get; init; }

    /// <summary>Attempts that ended; at least <see cref="AdaptiveBulkheadOptions.MinimumAttempts"/>.</summary>
    public required int Attempts { get; init; }

    /// <summary>Those of them that failed in a way that counts for the circuit: timeouts, connection failures, 5xx.</summary>
    public required int Failures { get; init; }

    /// <summary>How long an attempt took on average. One that timed out counts with its limit.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary>The most calls that were inside when an attempt ended.</summary>
    public required int PeakInUse { get; init; }

    /// <summary>How long the window was.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Failed attempts as a share of all, 0 to 1.</summary>
    public double FailureRate => (double)Failures / Attempts;
}
