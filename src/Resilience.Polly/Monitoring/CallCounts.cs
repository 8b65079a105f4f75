namespace Resilience.Polly;

/// <summary>The calls of a pipeline that ended in some time, by how they ended. A call with its retries counts once.</summary>
public sealed record CallCounts
{
    /// <summary>All calls that ended.</summary>
    public long Total => Succeeded + Refused + Failed + TimedOut + CircuitOpen + BulkheadFull + Shed + Cancelled;

    /// <summary>Returned a result that is no failure.</summary>
    public long Succeeded { get; init; }

    /// <summary>The dependency answered with an error of its own: a business exception or a client error (4xx).</summary>
    public long Refused { get; init; }

    /// <summary>Failed for infrastructure, after the last attempt.</summary>
    public long Failed { get; init; }

    /// <summary>Hit a limit of the block <c>Timeout</c>, after the last attempt.</summary>
    public long TimedOut { get; init; }

    /// <summary>Rejected by an open circuit.</summary>
    public long CircuitOpen { get; init; }

    /// <summary>Found no slot in time.</summary>
    public long BulkheadFull { get; init; }

    /// <summary>Given up because the machine was overloaded, or rejected by a strategy that the application added around the call.</summary>
    public long Shed { get; init; }

    /// <summary>Cancelled by their caller.</summary>
    public long Cancelled { get; init; }

    /// <summary>Calls that needed more than one attempt.</summary>
    public long Retried { get; init; }

    /// <summary>Attempts beyond the first, over all calls.</summary>
    public long Retries { get; init; }

    /// <summary>Calls that a fallback made good (guide: "Circuit Breaker with Graceful Degradation"). Each is counted by how it failed as well, and only there in <see cref="Total"/>.</summary>
    public long Degraded { get; init; }

    /// <summary>Calls whose last failure was not repeated because the retry budget was spent (<see cref="RetryBudgetOptions"/>). Each is counted by how it ended as well.</summary>
    public long RetryBudgetSpent { get; init; }

    /// <summary>The share of calls that needed a retry, 0 to 1 (guide: "Monitor retry rates"; over 0.1 deserves a look).</summary>
    public double RetryRate => Total == 0 ? 0 : (double)Retried / Total;

    internal long Of(CallResult result) => result switch
    {
        CallResult.Succeeded => Succeeded,
        CallResult.Refused => Refused,
        CallResult.Failed => Failed,
        CallResult.TimedOut => TimedOut,
        CallResult.CircuitOpen => CircuitOpen,
        CallResult.BulkheadFull => BulkheadFull,
        CallResult.Shed => Shed,
        _ => Cancelled,
    };
}
