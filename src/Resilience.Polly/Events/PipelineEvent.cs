using Polly.CircuitBreaker;

namespace Resilience.Polly;

/// <summary>Something that happened in a pipeline: <see cref="CircuitTransition"/>, <see cref="RetryEvent"/>, <see cref="RetryBudgetSpentEvent"/>,
/// <see cref="RejectionEvent"/>, <see cref="DegradedEvent"/>, <see cref="AlertEvent"/>, <see cref="SettingsEvent"/>,
/// <see cref="LimitChange"/>, or <see cref="EventsLostEvent"/>.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
public abstract record PipelineEvent(string PipelineName, DateTimeOffset At);

/// <summary>A circuit went from one state to another, and why.</summary>
/// <param name="PipelineName">The pipeline whose circuit it is.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state after.</param>
/// <param name="Reason">Why, in a few words that a person can read.</param>
/// <param name="Sequence">Grows with every transition of this circuit: those of calls that race may be told in another order than they happened in.</param>
/// <param name="IsManual">Whether it was done through <see cref="ICircuitBreakerControl"/>.</param>
public sealed record CircuitTransition(
    string PipelineName, DateTimeOffset At, CircuitState From, CircuitState To, string Reason, long Sequence, bool IsManual = false)
    : PipelineEvent(PipelineName, At)
{
    /// <summary>The failures in a row that the circuit had counted; 0 once it is closed.</summary>
    public int FailureCount { get; init; }
}

/// <summary>An attempt failed and will be repeated.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Attempt">The number of the attempt that failed, from 1.</param>
/// <param name="Wait">The wait before the next one.</param>
/// <param name="Reason">Why, in a few words; never a message of an exception.</param>
/// <param name="Exception">What was thrown, or <see langword="null"/> when a result was judged a failure.</param>
/// <param name="RequestId">The id of the call, where it had one (<see cref="CallProperties.RequestId"/>).</param>
public sealed record RetryEvent(
    string PipelineName, DateTimeOffset At, int Attempt, TimeSpan Wait, string Reason, Exception? Exception, string? RequestId = null)
    : PipelineEvent(PipelineName, At);

/// <summary>An attempt failed and is not repeated, because the retry budget is spent (<see cref="RetryBudgetOptions"/>).</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Attempt">The number of the attempt that failed, from 1: the last one of its call.</param>
/// <param name="Reason">Why it failed, in a few words; never a message of an exception.</param>
/// <param name="Exception">What was thrown, or <see langword="null"/> when a result was judged a failure.</param>
/// <param name="RequestId">The id of the call, where it had one (<see cref="CallProperties.RequestId"/>).</param>
public sealed record RetryBudgetSpentEvent(
    string PipelineName, DateTimeOffset At, int Attempt, string Reason, Exception? Exception, string? RequestId = null)
    : PipelineEvent(PipelineName, At);

/// <summary>A call was not let in.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="By">What rejected it.</param>
/// <param name="RetryAfter">When to try again, where that is known.</param>
/// <param name="RequestId">The id of the call, where it had one (<see cref="CallProperties.RequestId"/>).</param>
public sealed record RejectionEvent(string PipelineName, DateTimeOffset At, RejectedBy By, TimeSpan? RetryAfter, string? RequestId = null)
    : PipelineEvent(PipelineName, At);

/// <summary>A call failed, and a fallback made it good (guide: "Circuit Breaker with Graceful Degradation").</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Failure">The failure that the caller did not see.</param>
/// <param name="RequestId">The id of the call, where it had one (<see cref="CallProperties.RequestId"/>).</param>
public sealed record DegradedEvent(string PipelineName, DateTimeOffset At, ApiConnectionException Failure, string? RequestId = null)
    : PipelineEvent(PipelineName, At);

/// <summary>The number of slots of an adaptive bulkhead changed.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="From">The slots before.</param>
/// <param name="To">The slots from then on.</param>
/// <param name="Reason">Why, in a few words.</param>
public sealed record LimitChange(string PipelineName, DateTimeOffset At, int From, int To, string Reason) : PipelineEvent(PipelineName, At);

/// <summary>A changed configuration gave a pipeline other settings, which are in force now.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Summary">The pipeline with its settings, in one line.</param>
public sealed record SettingsEvent(string PipelineName, DateTimeOffset At, string Summary) : PipelineEvent(PipelineName, At);

/// <summary>Whoever hears this was too slow for all that happened before it: so many events were passed over for it, of any pipeline.</summary>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Count">How many, at least 1.</param>
public sealed record EventsLostEvent(DateTimeOffset At, long Count) : PipelineEvent("", At);

/// <summary>An alert was raised, or is over.</summary>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Alert">The alert.</param>
/// <param name="IsRaised">Whether it was raised; otherwise it was cleared.</param>
public sealed record AlertEvent(DateTimeOffset At, Alert Alert, bool IsRaised) : PipelineEvent(Alert?.PipelineName ?? "", At);

/// <summary>Something about a pipeline that a person should look at. Raised once and cleared once, however long it lasts.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="RaisedAt">Since when, by the wall clock.</param>
/// <param name="Value">The value that raised it: a share of 0 to 1; 1 for a circuit.</param>
/// <param name="Threshold">What it was above, from <see cref="AlertOptions"/>.</param>
/// <param name="Message">The same in one sentence.</param>
public sealed record Alert(string PipelineName, AlertKind Kind, DateTimeOffset RaisedAt, double Value, double Threshold, string Message)
{
    /// <summary>The sentence in the past tense, for when the alert is over.</summary>
    public string ClearedMessage { get; init; } = Message;
}

/// <summary>What an alert is about (guide: "Monitor pattern behavior").</summary>
public enum AlertKind
{
    /// <summary>More calls than usual need a retry.</summary>
    RetryRate,

    /// <summary>The slots of the bulkhead are nearly all in use.</summary>
    Utilization,

    /// <summary>The circuit is not closed.</summary>
    CircuitOpen,
}
