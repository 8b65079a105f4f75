using System.ComponentModel;
using Polly;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>The properties that a call can set in the <see cref="ResilienceContext.Properties"/> of its context.</summary>
public static class CallProperties
{
    /// <summary>The id of the call, the same on all its attempts. Exceptions have it too (guide: "Idempotency: The Key to Safe Retries").</summary>
    public static readonly ResiliencePropertyKey<string> RequestId = new("Resilience.Polly.RequestId");

    /// <summary>
    /// The attempt timeout of this call, instead of the pipeline's: a duration of 1 millisecond to 1 day, or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>. With any other value the call fails with
    /// <see cref="ArgumentOutOfRangeException"/> before anything is done.
    /// </summary>
    public static readonly ResiliencePropertyKey<TimeSpan> AttemptTimeout = new("Resilience.Polly.AttemptTimeout");

    /// <summary>
    /// The most attempts of this call, the first one included, instead of the pipeline's: a number of 1 to 100; 1 means no retry. It limits all attempts together, including those that
    /// <see cref="RetryOptions.MaxConnectAttempts"/> counts apart. With any other value the call fails with <see cref="ArgumentOutOfRangeException"/> before anything is done.
    /// </summary>
    public static readonly ResiliencePropertyKey<int> MaxAttempts = new("Resilience.Polly.MaxAttempts");

    /// <summary>Whether the call may be repeated after a failure; the default is <see cref="CallRepetition.Safe"/>.</summary>
    public static readonly ResiliencePropertyKey<CallRepetition> Repetition = new("Resilience.Polly.Repetition");

    /// <summary>How important the call is when there is not room for all; the default is <see cref="CallPriority.Normal"/>.</summary>
    public static readonly ResiliencePropertyKey<CallPriority> Priority = new("Resilience.Polly.Priority");

    /// <summary>
    /// The partition of the call in a pipeline with partitions (<see cref="PipelineOptions.PartitionBy"/>), such as a tenant: 1 to 256 characters without control characters and line
    /// separators; upper and lower case differ. <c>(overflow)</c> is taken. With any other value the call fails with <see cref="ArgumentException"/> before anything is done. Exceptions, events and logs show it, so it must not be a secret.
    /// </summary>
    public static readonly ResiliencePropertyKey<string> Partition = new("Resilience.Polly.Partition");

    /// <summary>
    /// Whether the callback, which returns <see cref="HttpResponseMessage"/>, throws <see cref="HttpStatusException"/> for a status other than success;
    /// the default is false. The pipeline injects its 503 accordingly (<see cref="ChaosOptions.OutcomeRate"/>).
    /// </summary>
    /// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static readonly ResiliencePropertyKey<bool> FailsOnStatus = new("Resilience.Polly.FailsOnStatus");

    /// <summary>Whose failure the attempt's exception is, if its type does not show it. A transport sets it, not a caller.</summary>
    /// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static readonly ResiliencePropertyKey<AttemptFailure> Failure = new("Resilience.Polly.Failure");

    internal static bool StatusFails(ResilienceContext context) => context.Properties.GetValue(FailsOnStatus, false);

    internal static string? RequestIdOf(ResilienceContext context) => context.Properties.TryGetValue(RequestId, out var id) ? id : null;

    internal static CallRepetition RepetitionOf(ResilienceContext context) => context.Properties.GetValue(Repetition, CallRepetition.Safe);

    internal static CallPriority PriorityOf(ResilienceContext context) => context.Properties.GetValue(Priority, CallPriority.Normal);

    /// <summary>The settings of the call for its pipeline, or what is wrong with them.</summary>
    internal static ArgumentException? Check(ResilienceContext context, bool isPartitioned, out CallSettings own)
    {
        own = new(
            context.Properties.TryGetValue(AttemptTimeout, out var timeout) ? timeout : null,
            context.Properties.TryGetValue(MaxAttempts, out var attempts) ? attempts : null,
            isPartitioned && context.Properties.TryGetValue(Partition, out var partition) ? partition : null);
        return (own.AttemptTimeout is null ? null : TimeoutLimits.Phase.Refuse(timeout, AttemptTimeout.Key, "attempt timeout of the call"))
            ?? (own.MaxAttempts is null ? null : Kinds.Attempts.Refuse(attempts, MaxAttempts.Key, "number of attempts of the call"))
            ?? PartitionKey.Refuse(own.Partition, Partition.Key);
    }
}

/// <summary>The settings of one call that replace those of its pipeline.</summary>
internal readonly record struct CallSettings(TimeSpan? AttemptTimeout, int? MaxAttempts, string? Partition);

/// <summary>
/// How important a call is when there is not room for all (guide: "Load Shedding"). Priorities can be compared: the higher one stays.
/// </summary>
/// <remarks><see cref="PipelineImportance"/> is about a dependency: how its failure affects health and advice. It does not decide which calls are shed.</remarks>
public enum CallPriority
{
    /// <summary>Shed first.</summary>
    Sheddable = -1,

    /// <summary>The default.</summary>
    Normal = 0,

    /// <summary>Never shed.</summary>
    Critical = 1,
}

/// <summary>Whether a failed call may be repeated (guide: "Idempotency: The Key to Safe Retries").</summary>
public enum CallRepetition
{
    /// <summary>Repeating does no harm: the call changes nothing, or the service recognises a repetition.</summary>
    Safe,

    /// <summary>Only if the call certainly did not reach the service: no connection could be opened.</summary>
    OnlyIfNotSent,

    /// <summary>Never: the first attempt is the last one.</summary>
    Never,
}
