namespace Resilience.Polly.Advisor.Rules;

/// <summary>What the rules on observed calls look at: the last minute of the calls that share a circuit and slots, and their settings.</summary>
/// <param name="Options">The settings in force.</param>
/// <param name="Calls">The calls that ended.</param>
/// <param name="Seconds">How long the minute is: 55 to 60 seconds, and less for a pipeline that is younger.</param>
/// <param name="SlotsInUse">The slots in use, on average.</param>
/// <param name="SlotsWaiting">Those of them whose call waited for a retry, on average.</param>
internal sealed record ObservedMinute(PipelineOptions Options, CallCounts Calls, double Seconds, double SlotsInUse, double SlotsWaiting)
{
    private const int CallsThatTell = 100; // fewer say little about a share

    private long Rejected => Calls.BulkheadFull + Calls.Shed + Calls.RateLimited + Calls.Cancelled;

    private long Answered => Calls.Succeeded + Calls.Refused;

    private long Unanswered => Calls.Failed + Calls.TimedOut;

    // What the circuit counts, where that is each attempt.
    private long FurtherFailures => Options.CircuitBreaker.CountPer == CircuitCount.Attempt ? Calls.Retries : 0;

    public bool TellsShares => Answered + Unanswered >= CallsThatTell;

    /// <summary>Calls or attempts a second that a closed circuit counts. Those that an open one rejects would be among them.</summary>
    public double CountedPerSecond => (Calls.Total - Rejected + FurtherFailures) / Seconds;

    /// <summary>The share of them that fails, 0 to 1.</summary>
    public double FailureShare => (double)(Unanswered + FurtherFailures) / (Answered + Unanswered + FurtherFailures);

    /// <summary>Calls that found a slot.</summary>
    public long Entered => Calls.Total - Calls.BulkheadFull - Calls.Shed;

    public double FullShare => Calls.Total == 0 ? 0 : (double)Calls.BulkheadFull / Calls.Total;
}
