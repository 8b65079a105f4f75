using Polly;
using Resilience.Polly.Failures;

namespace Resilience.Polly.Outcomes;

/// <summary>
/// A call that failed for infrastructure, and the pipeline whose failure it is. The flow leaves it in the context of a call for code
/// that asked for it there, since a <see cref="ResiliencePipeline"/> does not expose its pipeline.
/// </summary>
internal sealed class FailedCall
{
    private static readonly ResiliencePropertyKey<FailedCall> Key = new("Resilience.Polly.FailedCall");

    // One object for all calls, so asking allocates nothing.
    private static readonly FailedCall Wanted = new(new InvalidOperationException(), new ApiConnectionException(""));

    private static readonly FailureContext Unnamed = new("(unnamed)", null, 1);

    private readonly Exception _seen;
    private readonly IDegradedCalls? _pipeline;
    private readonly string? _requestId;

    private FailedCall(Exception seen, ApiConnectionException failure, IDegradedCalls? pipeline = null, string? requestId = null) =>
        (_seen, Failure, _pipeline, _requestId) = (seen, failure, pipeline, requestId);

    /// <summary>The failure in the guide's types, even if the pipeline leaves Polly's.</summary>
    public ApiConnectionException Failure { get; }

    /// <summary>Asks our pipelines that the context passes through.</summary>
    public static void Ask(ResilienceContext context) => context.Properties.Set(Key, Wanted);

    /// <summary>Answers, if asked.</summary>
    public static void Tell(IDegradedCalls pipeline, CallOutcome outcome, Exception seen)
    {
        if (outcome.Context.Properties.TryGetValue(Key, out _) && outcome.Infrastructure(seen) is { } failure)
        {
            outcome.Context.Properties.Set(Key, new FailedCall(seen, failure, pipeline, CallProperties.RequestIdOf(outcome.Context)));
        }
    }

    /// <summary>The failed call of an exception; <see langword="null"/> if it is not infrastructure, or the caller has cancelled.</summary>
    public static FailedCall? Of(Exception seen, ResilienceContext context)
    {
        if (context.CancellationToken.IsCancellationRequested || AttemptFailure.IsCallers(seen, context))
        {
            return null;
        }

        // Only the pipeline that threw this very exception: another one inside may have left its own.
        if (context.Properties.TryGetValue(Key, out var told) && ReferenceEquals(told._seen, seen))
        {
            return told;
        }

        return (seen as ApiConnectionException ?? ExceptionMapper.Map(seen, Unnamed) as ApiConnectionException) is { } failure
            ? new FailedCall(seen, failure)
            : null;
    }

    /// <summary>Counts the call as degraded, if its pipeline is ours.</summary>
    public void CountDegraded() => _pipeline?.CountDegraded(Failure, _requestId);
}

/// <summary>Counts the calls of one pipeline that a fallback answered.</summary>
internal interface IDegradedCalls
{
    void CountDegraded(ApiConnectionException failure, string? requestId);
}
