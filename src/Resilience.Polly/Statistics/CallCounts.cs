using Resilience.Polly.Statistics;

namespace Resilience.Polly;

/// <summary>The calls of a pipeline that ended in a period, by result. A call with its retries counts once.</summary>
public sealed class CallCounts
{
    internal static readonly CallCounts None = new();

    private readonly long[] _row; // in the order of CallCounters

    /// <summary>Creates an instance with all counts at 0.</summary>
    public CallCounts()
        : this(new long[CallCounters.Size])
    {
    }

    internal CallCounts(ReadOnlySpan<long> row) => _row = row.ToArray();

    /// <summary>All ended calls.</summary>
    public long Total => CallCounters.Total(_row);

    /// <summary>Calls that returned a result that is no failure.</summary>
    public long Succeeded { get => Of(CallResult.Succeeded); init => Count(CallResult.Succeeded) = value; }

    /// <summary>Calls that the dependency answered with an error of its own: a business exception or a client error (4xx).</summary>
    public long Refused { get => Of(CallResult.Refused); init => Count(CallResult.Refused) = value; }

    /// <summary>Calls that failed for infrastructure, after the last attempt.</summary>
    public long Failed { get => Of(CallResult.Failed); init => Count(CallResult.Failed) = value; }

    /// <summary>Calls that hit a limit of the block <c>Timeout</c>, after the last attempt.</summary>
    public long TimedOut { get => Of(CallResult.TimedOut); init => Count(CallResult.TimedOut) = value; }

    /// <summary>Calls that an open circuit rejected.</summary>
    public long CircuitOpen { get => Of(CallResult.CircuitOpen); init => Count(CallResult.CircuitOpen) = value; }

    /// <summary>Calls that found no slot in time.</summary>
    public long BulkheadFull { get => Of(CallResult.BulkheadFull); init => Count(CallResult.BulkheadFull) = value; }

    /// <summary>Calls that were shed because the machine was overloaded, or that a strategy added around the call rejected.</summary>
    public long Shed { get => Of(CallResult.Shed); init => Count(CallResult.Shed) = value; }

    /// <summary>Calls that found no permit of the rate limit in time for their first attempt (<see cref="RateLimitOptions"/>).</summary>
    public long RateLimited { get => Of(CallResult.RateLimited); init => Count(CallResult.RateLimited) = value; }

    /// <summary>Calls that their caller cancelled.</summary>
    public long Cancelled { get => Of(CallResult.Cancelled); init => Count(CallResult.Cancelled) = value; }

    /// <summary>Calls that needed more than one attempt.</summary>
    public long Retried { get => _row[CallCounters.Retried]; init => _row[CallCounters.Retried] = value; }

    /// <summary>Those of <see cref="Retried"/> that succeeded in the end: the retries were worth it.</summary>
    public long RetriedAndSucceeded { get => _row[CallCounters.RetriedAndSucceeded]; init => _row[CallCounters.RetriedAndSucceeded] = value; }

    /// <summary>Those of <see cref="Retried"/> that failed in the end. Rejected and cancelled ones are in neither count.</summary>
    public long RetriedAndFailed { get => _row[CallCounters.RetriedAndFailed]; init => _row[CallCounters.RetriedAndFailed] = value; }

    /// <summary>Attempts beyond the first, over all calls.</summary>
    public long Retries { get => _row[CallCounters.Retries]; init => _row[CallCounters.Retries] = value; }

    /// <summary>Calls that a fallback answered (guide: "Circuit Breaker with Graceful Degradation"). Each also counts by its failure, and only there in <see cref="Total"/>.</summary>
    public long Degraded { get => _row[CallCounters.Degraded]; init => _row[CallCounters.Degraded] = value; }

    /// <summary>Calls whose last failure was not retried because the retry budget was spent (<see cref="RetryBudgetOptions"/>). Each also counts by its result.</summary>
    public long RetryBudgetSpent { get => _row[CallCounters.RetryBudgetSpent]; init => _row[CallCounters.RetryBudgetSpent] = value; }

    /// <summary>The share of calls that needed a retry, 0 to 1 (guide: "Monitor retry rates"; over 0.1 deserves a look).</summary>
    public double RetryRate => CallCounters.RetryRate(_row);

    internal bool AreThose(ReadOnlySpan<long> row) => row.SequenceEqual(_row);

    internal long Of(CallResult result) => _row[CallCounters.IndexOf(result)];

    private ref long Count(CallResult result) => ref _row[CallCounters.IndexOf(result)];
}
