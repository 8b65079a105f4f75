using System.Diagnostics;
using Polly.CircuitBreaker;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

/// <summary>Something that happened in a pipeline. Match on the type: <see cref="CircuitStateChangedEvent"/>, <see cref="RetryEvent"/>,
/// <see cref="RetryBudgetSpentEvent"/>, <see cref="RejectionEvent"/>, <see cref="DegradedEvent"/>, <see cref="AlertEvent"/>, <see cref="SettingsEvent"/>,
/// <see cref="LimitChangedEvent"/>, <see cref="OpenShareReachedEvent"/>, <see cref="PartitionsFullEvent"/>, or <see cref="EventsLostEvent"/>. Later versions may add types and members.</summary>
public abstract class PipelineEvent
{
    private readonly ActivityTraceId _trace;

    // Events are created on the thread of their call, while its activity is current.
    private protected PipelineEvent() => _trace = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId : default;

    /// <summary>The name of the pipeline; empty in an <see cref="EventsLostEvent"/>.</summary>
    public required string PipelineName { get; init; }

    /// <summary>The partition, where the pipeline has some and the event is about one (<see cref="PipelineOptions.PartitionBy"/>); otherwise <see langword="null"/>.</summary>
    public string? Partition { get; init; }

    /// <summary>When it happened, by the wall clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The id of the trace in which it happened, 32 hexadecimal digits; <see langword="null"/> where nothing was traced, as with alerts.</summary>
    public string? TraceId => _trace == default ? null : _trace.ToHexString();
}

/// <summary>A circuit went from one state to another.</summary>
public sealed class CircuitStateChangedEvent : PipelineEvent
{
    /// <summary>The state before.</summary>
    public required CircuitState From { get; init; }

    /// <summary>The state after.</summary>
    public required CircuitState To { get; init; }

    /// <summary>Why, in a few words that a person can read.</summary>
    public required string Reason { get; init; }

    /// <summary>Grows with every change of this circuit. Listeners may get the changes of racing calls in another order.</summary>
    public required long Sequence { get; init; }

    /// <summary>Whether <see cref="ICircuitBreakerControl"/> changed the state.</summary>
    public bool IsManual { get; init; }

    /// <summary>The failures in a row that the circuit had counted; 0 once it is closed.</summary>
    public int FailureCount { get; init; }

    /// <summary>The failures in a row that open the circuit; <see langword="null"/> if they do not.</summary>
    public int? FailureThreshold { get; init; }

    /// <summary>The exception that opened the circuit, as the attempt threw it; <see langword="null"/> if a result or a person opened it, and once it is closed.</summary>
    public Exception? Failure { get; init; }

    /// <summary>The id of the call that opened the circuit, if it had one.</summary>
    public string? RequestId { get; init; }

    /// <summary>The instance that changed the circuit for all, such as the one whose vote opened it; <see langword="null"/> for a change that this instance made itself.</summary>
    public string? Instance { get; init; }

    /// <summary>How long the circuit stays open or isolated; <see langword="null"/> for an isolation without an end, and for any other state.</summary>
    public TimeSpan? OpenFor { get; init; }
}

/// <summary>An attempt failed, and the call makes another one.</summary>
public sealed class RetryEvent : PipelineEvent
{
    /// <summary>The number of the attempt that failed, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>The wait before the next attempt.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>Why it failed, in a few words; never a message of an exception.</summary>
    public required string Reason { get; init; }

    /// <summary>The exception, or <see langword="null"/> if the failure was a result.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The id of the call, if it has one (<see cref="CallProperties.RequestId"/>).</summary>
    public string? RequestId { get; init; }
}

/// <summary>An attempt failed, and the call makes no further one, because the retry budget is spent (<see cref="RetryBudgetOptions"/>).</summary>
public sealed class RetryBudgetSpentEvent : PipelineEvent
{
    /// <summary>How the call went, in one line for people (<see cref="ApiCallException.CallHistory"/>). The text is built when it is read.</summary>
    public string? CallHistory => Record?.ToString();

    internal CallRecord? Record { get; init; }

    /// <summary>The number of the attempt that failed, from 1: the last one of its call.</summary>
    public required int Attempt { get; init; }

    /// <summary>Why it failed, in a few words; never a message of an exception.</summary>
    public required string Reason { get; init; }

    /// <summary>The exception, or <see langword="null"/> if the failure was a result.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The id of the call, if it has one (<see cref="CallProperties.RequestId"/>).</summary>
    public string? RequestId { get; init; }
}

/// <summary>A pipeline rejected a call.</summary>
public sealed class RejectionEvent : PipelineEvent
{
    /// <summary>The strategy that rejected it.</summary>
    public required RejectedBy By { get; init; }

    /// <summary>When to try again, if known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The id of the call, if it has one (<see cref="CallProperties.RequestId"/>).</summary>
    public string? RequestId { get; init; }
}

/// <summary>A call failed, and a fallback answered instead (guide: "Circuit Breaker with Graceful Degradation").</summary>
public sealed class DegradedEvent : PipelineEvent
{
    /// <summary>The failure that the caller did not see.</summary>
    public required ApiConnectionException Failure { get; init; }

    /// <summary>The id of the call, if it has one (<see cref="CallProperties.RequestId"/>).</summary>
    public string? RequestId { get; init; }
}

/// <summary>The number of slots of an adaptive bulkhead changed.</summary>
public sealed class LimitChangedEvent : PipelineEvent
{
    /// <summary>The slots before.</summary>
    public required int From { get; init; }

    /// <summary>The slots now.</summary>
    public required int To { get; init; }

    /// <summary>Why, in a few words.</summary>
    public required string Reason { get; init; }
}

/// <summary>
/// The circuit of a partition stayed closed although its calls fail, since so many others are open (<see cref="PipelineOptions.MaxOpenShare"/>). The fault is probably on this side: DNS, a proxy, a
/// certificate. Reported once, until fewer are open.
/// </summary>
public sealed class OpenShareReachedEvent : PipelineEvent
{
    /// <summary>The circuits that are open or half-open.</summary>
    public required int Open { get; init; }
}

/// <summary>
/// The pipeline has the most partitions that it may have (<see cref="PipelineOptions.MaxPartitions"/>). The calls of further keys share one, whose key is <c>(overflow)</c>. <see cref="PipelineEvent.Partition"/>
/// is the first key without a partition of its own. Reported once, until there is room again.
/// </summary>
public sealed class PartitionsFullEvent : PipelineEvent
{
    /// <summary>The most partitions.</summary>
    public required int MaxPartitions { get; init; }
}

/// <summary>A changed configuration gave a pipeline new settings, which are in force now.</summary>
public sealed class SettingsEvent : PipelineEvent
{
    /// <summary>The pipeline with its settings, in one line.</summary>
    public required string Summary { get; init; }
}

/// <summary>This listener fell behind; <see cref="Count"/> events were dropped. They may be of any pipeline.</summary>
public sealed class EventsLostEvent : PipelineEvent
{
    /// <summary>How many events were dropped, at least 1.</summary>
    public required long Count { get; init; }
}

/// <summary>An alert was raised, or is over.</summary>
public sealed class AlertEvent : PipelineEvent
{
    /// <summary>The alert.</summary>
    public required Alert Alert { get; init; }

    /// <summary>Whether the alert was raised; otherwise it is over.</summary>
    public required bool IsRaised { get; init; }
}
