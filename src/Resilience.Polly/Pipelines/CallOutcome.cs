using Polly;
using Polly.Timeout;

namespace Resilience.Polly;

/// <summary>What becomes of the outcome of a call: judged for retry and circuit, and in the end turned into what the caller sees.</summary>
internal static class CallOutcome
{
    /// <summary>What the outcome of an attempt says about the dependency.</summary>
    public static FailureKind Judge<TResult>(ref Outcome<TResult> outcome, Call call)
    {
        var verdict = Classify(ref outcome, call);

        // Whatever breaks after the caller gave up may have broken because of that. An answer that is no failure stays one.
        var isGivenUp = outcome.Exception is { } exception
            ? IsCallers(exception, call)
            : verdict is FailureKind.Transient or FailureKind.Permanent && call.CallerToken.IsCancellationRequested;
        if (!isGivenUp)
        {
            return verdict;
        }

        outcome = GivenUp(outcome, call);
        call.Result = CallResult.Cancelled;
        return FailureKind.Unrelated;
    }

    private static FailureKind Classify<TResult>(ref Outcome<TResult> outcome, Call call)
    {
        if (outcome.Exception is { } exception)
        {
            if (IsCallers(exception, call))
            {
                return FailureKind.Unrelated;
            }

            if (AttemptFailure.IsCallers(exception, call.Context))
            {
                call.Result = CallResult.Refused;
                return FailureKind.Unrelated;
            }

            // Cancelled, but not by the caller: by the total timeout. A timeout like any other.
            if (exception is OperationCanceledException && call.Context.CancellationToken.IsCancellationRequested)
            {
                return FailureKind.Transient;
            }
        }

        try
        {
            return AttemptFailure.Judged(outcome.Exception, call.Context) is { } fact
                && call.Settings.Failures.Classify(Outcome.FromException<TResult>(fact)) is not FailureKind.None and var kind
                    ? kind
                    : call.Settings.Failures.Classify(outcome);
        }
#pragma warning disable CA1031 // a fault in a user's rule reaches the caller, and neither a slot nor a permit is lost
        catch (Exception fault)
#pragma warning restore CA1031
        {
            outcome = Outcome.FromException<TResult>(fault);
            return FailureKind.Unrelated;
        }
    }

    /// <summary>Says how the call ended, and maps its exception.</summary>
    public static Outcome<TResult> Finish<TResult>(Outcome<TResult> outcome, Call call)
    {
        if (call.Result == CallResult.Succeeded)
        {
            call.Result = ResultOf(outcome, call);
        }

        if (outcome.Exception is not { } exception)
        {
            return outcome;
        }

        if (exception is OperationCanceledException cancelled && call.CallerToken.IsCancellationRequested)
        {
            // The delegate saw a linked token; the caller shall recognise its own.
            return cancelled.CancellationToken == call.CallerToken
                ? outcome
                : Outcome.FromException<TResult>(new OperationCanceledException(cancelled.Message, cancelled, call.CallerToken));
        }

        if (!call.Settings.Options.MapExceptions || AttemptFailure.IsCallers(exception, call.Context))
        {
            return outcome;
        }

        var mapped = Map(exception, call);
        return ReferenceEquals(mapped, exception) ? outcome : Outcome.FromException<TResult>(mapped);
    }

    /// <summary>What the caller sees, in the guide's words where it is infrastructure, also when the pipeline leaves Polly's.</summary>
    public static ApiConnectionException? Infrastructure(Exception seen, Call call) =>
        seen as ApiConnectionException ?? (call.CallerToken.IsCancellationRequested || AttemptFailure.IsCallers(seen, call.Context) ? null : (call.Result switch
        {
            CallResult.CircuitOpen => Rejections.CircuitOpen(seen, call.RetryAfter, FailureContext.Of(call)),
            CallResult.BulkheadFull => Rejections.BulkheadFull(seen, call.Settings.Options.Bulkhead.AcquisitionTimeout, FailureContext.Of(call)),
            _ => Map(seen, call) as ApiConnectionException,
        }));

    public static Outcome<TResult> Cancelled<TResult>(Call<TResult> call)
    {
        // Cancelled by the total timeout, the call is judged by the failure that it was about to retry.
        if (call.CallerToken.IsCancellationRequested)
        {
            call.Verdict = FailureKind.Unrelated;
        }

        return Outcome.FromException<TResult>(new OperationCanceledException(call.Context.CancellationToken));
    }

    /// <param name="entry">How the wait for a slot ended.</param>
    /// <param name="call">The call.</param>
    public static Exception NoSlot(BulkheadEntry entry, Call call)
    {
        var (options, slots) = (call.Settings.Options.Bulkhead, call.Pipeline.Bulkhead.Limit);
        return Rejections.BulkheadFull(entry.Describe(options, slots), options.AcquisitionTimeout, FailureContext.Of(call), call.Settings.Options.MapExceptions);
    }

    /// <summary>Frees a result that is given up for another attempt.</summary>
    public static async ValueTask DiscardAsync<TResult>(Outcome<TResult> outcome, bool isSynchronous = false)
    {
        try
        {
            switch (outcome.Result)
            {
                case IDisposable disposable when isSynchronous:
                    disposable.Dispose();
                    break;
                case IAsyncDisposable disposable when isSynchronous:
                    disposable.DisposeAsync().AsTask().GetAwaiter().GetResult(); // the next attempt stays on this thread
                    break;
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
#pragma warning disable CA1031 // nobody will ever see this result
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    // As the caller sees it who cancels while a retry waits.
    private static Outcome<TResult> GivenUp<TResult>(Outcome<TResult> outcome, Call call)
    {
        if (outcome.Exception is OperationCanceledException)
        {
            return outcome; // Finish gives it the token of the caller
        }

        _ = DiscardAsync(outcome).AsTask(); // throws nothing, and nobody waits for it
        return Outcome.FromException<TResult>(
            new OperationCanceledException("The caller cancelled the call before its attempt failed.", outcome.Exception, call.CallerToken));
    }

    private static Exception Map(Exception exception, Call call)
    {
        var failure = FailureContext.Of(call);
        return exception is TimeoutRejectedException timeout && IsTotal(timeout, call)
            ? ExceptionMapper.TimedOut(timeout, TimeoutPhase.Total, timeout.Timeout, failure)
            : ExceptionMapper.Map(exception, failure, isTimeout: call.Verdict is FailureKind.Transient or FailureKind.Permanent);
    }

    // HttpClient cancels for its own timeout with the token that it made of the caller's. What knows that says so with a TimeoutException inside.
    private static bool IsCallers(Exception exception, Call call) => call.CallerToken.IsCancellationRequested && !SaysTimeout(exception);

    // Polly's timeout puts a cancellation with the token from outside around one from inside.
    private static bool SaysTimeout(Exception exception)
    {
        var inner = exception;
        while (inner is OperationCanceledException)
        {
            inner = inner.InnerException;
        }

        return inner is TimeoutException && inner != exception;
    }

    // Both timeouts are Polly's and throw alike; what no attempt has thrown comes from outside the attempts: the total timeout, or one around the call.
    private static bool IsTotal(TimeoutRejectedException timeout, Call call) => !ReferenceEquals(timeout, call.LastException);

    private static CallResult ResultOf<TResult>(Outcome<TResult> outcome, Call call) => (call.Verdict, outcome.Exception) switch
    {
        (FailureKind.None, null) => CallResult.Succeeded,
        (FailureKind.None, _) => CallResult.Refused,
        (_, { } exception) when IsCallers(exception, call) => CallResult.Cancelled,
        (FailureKind.Unrelated, OperationCanceledException cancelled) when !SaysTimeout(cancelled) => CallResult.Cancelled, // a rule says so
        (_, { } exception) when FailureTable.Find(exception) is { IsTimeout: true } => CallResult.TimedOut,
        _ => CallResult.Failed,
    };
}
