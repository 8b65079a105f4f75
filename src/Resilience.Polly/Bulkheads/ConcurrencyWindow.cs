namespace Resilience.Polly;

/// <summary>The calls at a bulkhead since the last decision on its slots.</summary>
/// <remarks>
/// It counts attempts that began after the last change of the slots and have ended. It does not count rejected calls, which say nothing about the dependency.
/// An attempt that its caller cancelled is a failure if it took more than twice as long as answered attempts usually do, and does not count if
/// it took less time than they do. Between the two it is a failure if most attempts of the window ended like this.
/// </remarks>
public sealed class ConcurrencyWindow
{
    /// <summary>The slots now.</summary>
    public required int Limit { get; init; }

    /// <summary>The configured slots, <see cref="BulkheadOptions.MaxConcurrency"/>.</summary>
    public required int BaseLimit { get; init; }

    /// <summary>The fewest slots that a policy may decide on.</summary>
    public required int MinLimit { get; init; }

    /// <summary>The most slots that a policy may decide on.</summary>
    public required int MaxLimit { get; init; }

    /// <summary>Attempts that ended; at least <see cref="AdaptiveBulkheadOptions.MinimumAttempts"/>.</summary>
    public required int Attempts { get; init; }

    /// <summary>The attempts that failed in a way that counts for the circuit (timeouts, connection failures, 5xx), or that their callers gave up after an answer was overdue.</summary>
    public required int Failures { get; init; }

    /// <summary>The average duration of an attempt. One that timed out counts with its limit, one that its caller gave up with the time until then.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary>The most calls that were inside when an attempt ended.</summary>
    public required int PeakInUse { get; init; }

    /// <summary>How long the window was.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Failed attempts as a share of all, 0 to 1.</summary>
    public double FailureRate => (double)Failures / Attempts;
}
