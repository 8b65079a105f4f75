using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Resilience.Polly.Failures;
using Resilience.Polly.Statistics;

namespace Resilience.Polly.Outcomes;

/// <summary>How one call ends: the verdict on its attempts for retry and circuit, its result in the counts, and what its caller gets.</summary>
internal sealed class CallOutcome
{
    private OutcomeRules _rules = null!;
    private string? _partition;
    private Exception? _lastThrown; // as an attempt threw it

    public ResilienceContext Context { get; private set; } = null!;

    /// <summary>The caller's token; inside the total timeout the context has another one.</summary>
    public CancellationToken CallerToken { get; private set; }

    /// <summary>Attempts that were started.</summary>
    public int Attempts { get; set; }

    /// <summary>What the last outcome says about the dependency.</summary>
    public FailureKind Verdict { get; private set; }

    /// <summary>How the call ended, as far as known.</summary>
    public CallResult Result { get; private set; }

    /// <summary>How the execution ended that decided the call, if strategies of the application are around it.</summary>
    public CallRecord? Record { get; private set; }

    /// <summary>Why the call was rejected, if it was.</summary>
    public Rejection? Rejection { get; private set; }

    private FailureContext Failure => new(_rules.PipelineName, CallProperties.RequestIdOf(Context), Attempts) { Partition = _partition };

    public void Begin(OutcomeRules rules, string? partition, ResilienceContext context)
    {
        (_rules, _partition) = (rules, partition);
        Context = context;
        CallerToken = context.CancellationToken;
        Attempts = 0;
        Verdict = FailureKind.Unrelated;
        Result = CallResult.Succeeded;
        Rejection = null;
    }

    /// <summary>Clears the data of the call.</summary>
    public void Release() => (Context, CallerToken, _lastThrown, Record) = (null!, default, null, null);

    /// <summary>Judges the outcome of an attempt. If the caller has given up, the outcome becomes a cancellation.</summary>
    public void Judge<TResult>(ref Outcome<TResult> outcome)
    {
        _lastThrown = outcome.Exception;
        Verdict = Classify(ref outcome);

        // After the caller gave up, the cancellation may have caused any failure. An answer that is no failure stays one.
        var isGivenUp = outcome.Exception is { } exception
            ? IsCallers(exception)
            : Verdict is FailureKind.Transient or FailureKind.Permanent or FailureKind.Uncounted && CallerToken.IsCancellationRequested;
        if (isGivenUp)
        {
            outcome = GivenUp(outcome);
            (Verdict, Result) = (FailureKind.Unrelated, CallResult.Cancelled);
        }
    }

    /// <summary>Rejects the call.</summary>
    /// <returns>The outcome for its caller.</returns>
    public Exception Reject(Rejection rejection)
    {
        (Rejection, Result) = (rejection, rejection.Result);
        return _rules.MapsExceptions ? rejection.ToApiException(Failure) : rejection.ToPollyException(Failure);
    }

    /// <summary>The application's function for the wait before a retry failed. The caller gets its exception, and the call counts neither way.</summary>
    public Outcome<TResult> Fault<TResult>(Outcome<TResult> outcome, Exception fault)
    {
        _ = outcome.DiscardAsync().AsTask(); // it never throws, and is not awaited
        _lastThrown = fault;
        Verdict = FailureKind.Unrelated;
        return Outcome.FromException<TResult>(fault);
    }

    /// <summary>The call was cancelled while it waited.</summary>
    public Outcome<TResult> Cancel<TResult>()
    {
        // If the total timeout cancelled it, the failure that it was about to retry decides.
        if (CallerToken.IsCancellationRequested)
        {
            Verdict = FailureKind.Unrelated;
        }

        return Outcome.FromException<TResult>(new OperationCanceledException(Context.CancellationToken));
    }

    /// <summary>How this execution ended, for the call that it belongs to.</summary>
    public Ending EndedWith(CallRecord? record) => new(Result, Verdict, Rejection, _lastThrown, record);

    /// <summary>Ends the call as the execution did whose outcome it returns.</summary>
    public void Adopt(Ending end) => (Result, Verdict, Rejection, _lastThrown, Record) = end;

    /// <summary>Judges an outcome that comes from no execution: a strategy of the application made it.</summary>
    public void JudgeAdded<TResult>(ref Outcome<TResult> outcome)
    {
        Judge(ref outcome);
        _lastThrown = null; // no attempt threw it
        Rejection = outcome.Exception switch
        {
            BrokenCircuitException broken => new(RejectedBy.CircuitBreaker, null, broken.RetryAfter),
            ExecutionRejectedException and not TimeoutRejectedException => new(RejectedBy.LoadShedding, null),
            _ => null,
        };
        Result = Rejection?.Result ?? Result;
    }

    /// <summary>Decides how the call ended, and maps its exception.</summary>
    public Outcome<TResult> Finish<TResult>(Outcome<TResult> outcome)
    {
        if (Result == CallResult.Succeeded)
        {
            Result = ResultOf(outcome);
        }

        if (outcome.Exception is not { } exception)
        {
            return outcome;
        }

        if (exception is OperationCanceledException cancelled && CallerToken.IsCancellationRequested)
        {
            // The delegate saw a linked token. The caller must get its own back.
            return cancelled.CancellationToken == CallerToken
                ? outcome
                : Outcome.FromException<TResult>(new OperationCanceledException(cancelled.Message, cancelled, CallerToken));
        }

        if (!_rules.MapsExceptions || AttemptFailure.IsCallers(exception, Context))
        {
            return outcome;
        }

        var mapped = Map(exception);
        return ReferenceEquals(mapped, exception) ? outcome : Outcome.FromException<TResult>(mapped);
    }

    /// <summary>The caller's exception in the guide's types if it is infrastructure, even if the pipeline leaves Polly's.</summary>
    public ApiConnectionException? Infrastructure(Exception seen) =>
        seen as ApiConnectionException
        ?? (CallerToken.IsCancellationRequested || AttemptFailure.IsCallers(seen, Context) ? null
            : Rejection is { } rejection ? rejection.ToApiException(Failure, seen)
            : Map(seen) as ApiConnectionException);

    private FailureKind Classify<TResult>(ref Outcome<TResult> outcome)
    {
        if (outcome.Exception is { } exception)
        {
            if (IsCallers(exception))
            {
                return FailureKind.Unrelated;
            }

            if (AttemptFailure.IsCallers(exception, Context))
            {
                Result = CallResult.Refused;
                return FailureKind.Unrelated;
            }

            // Cancelled, but not by the caller, so by the total timeout: a timeout like any other.
            if (exception is OperationCanceledException && Context.CancellationToken.IsCancellationRequested)
            {
                return FailureKind.Transient;
            }
        }

        try
        {
            return AttemptFailure.Judged(outcome.Exception, Context) is { } fact
                && _rules.Failures.Classify(Outcome.FromException<TResult>(fact)) is not FailureKind.None and var kind
                    ? kind
                    : _rules.Failures.Classify(outcome);
        }
        catch (Exception fault) // a fault in an application's rule reaches the caller; no slot and no permit is lost
        {
            outcome = Outcome.FromException<TResult>(fault);
            return FailureKind.Unrelated;
        }
    }

    // The same as if the caller cancels while a retry waits.
    private Outcome<TResult> GivenUp<TResult>(Outcome<TResult> outcome)
    {
        if (outcome.Exception is OperationCanceledException)
        {
            return outcome; // Finish sets the caller's token
        }

        _ = outcome.DiscardAsync().AsTask(); // it never throws, and is not awaited
        return Outcome.FromException<TResult>(
            new OperationCanceledException("The caller cancelled the call before its attempt failed.", outcome.Exception, CallerToken));
    }

    // Polly throws alike for both timeouts. An exception that no attempt threw comes from outside the attempts: from the total timeout, or a timeout around the call.
    private Exception Map(Exception exception) =>
        exception is TimeoutRejectedException timeout && !ReferenceEquals(timeout, _lastThrown)
            ? ExceptionMapper.TimedOut(timeout, TimeoutPhase.Total, timeout.Timeout, Failure)
            : ExceptionMapper.Map(exception, Failure, isTimeout: Verdict is FailureKind.Transient or FailureKind.Permanent or FailureKind.Uncounted);

    private CallResult ResultOf<TResult>(Outcome<TResult> outcome) => (Verdict, outcome.Exception) switch
    {
        (FailureKind.None, null) => CallResult.Succeeded,
        (FailureKind.None, _) => CallResult.Refused,
        (_, { } exception) when IsCallers(exception) => CallResult.Cancelled,
        (FailureKind.Unrelated, OperationCanceledException cancelled) when !SaysTimeout(cancelled) => CallResult.Cancelled, // a rule decided so
        (_, { } exception) when FailureTable.Find(exception) is { IsTimeout: true } => CallResult.TimedOut,
        _ => CallResult.Failed,
    };

    // For its own timeout, HttpClient cancels a token that it linked to the caller's. Code that knows this puts a TimeoutException inside.
    private bool IsCallers(Exception exception) => CallerToken.IsCancellationRequested && !SaysTimeout(exception);

    // Polly's timeout wraps a cancellation from inside into one with the outer token.
    private static bool SaysTimeout(Exception exception)
    {
        var inner = exception;
        while (inner is OperationCanceledException)
        {
            inner = inner.InnerException;
        }

        return inner is TimeoutException && inner != exception;
    }

    /// <summary>How an execution of a call ended.</summary>
    internal sealed record Ending(CallResult Result, FailureKind Verdict, Rejection? Rejection, Exception? LastThrown, CallRecord? Record);
}

/// <summary>The settings that decide how the calls of a pipeline end.</summary>
/// <param name="PipelineName">The name in exceptions.</param>
/// <param name="Failures">The rules for failures.</param>
/// <param name="MapsExceptions">Whether callers get the guide's exceptions, or Polly's.</param>
internal sealed record OutcomeRules(string PipelineName, FailureClassifier Failures, bool MapsExceptions);
