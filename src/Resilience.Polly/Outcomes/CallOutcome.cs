using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Resilience.Polly.Failures;
using Resilience.Polly.Statistics;

namespace Resilience.Polly.Outcomes;

/// <summary>How one call ends: how its attempts are judged for retry and circuit, what it counts as, and what its caller sees.</summary>
internal sealed class CallOutcome
{
    private OutcomeRules _rules = null!;
    private string? _partition;
    private Exception? _lastThrown; // by an attempt, as it was thrown

    public ResilienceContext Context { get; private set; } = null!;

    /// <summary>The token that the caller gave; inside the total timeout the context carries another one.</summary>
    public CancellationToken CallerToken { get; private set; }

    /// <summary>Attempts that were started.</summary>
    public int Attempts { get; set; }

    /// <summary>What the last outcome says about the dependency.</summary>
    public FailureKind Verdict { get; private set; }

    /// <summary>How the call ended, as far as it is known.</summary>
    public CallResult Result { get; private set; }

    /// <summary>How the execution went that the call ended by, where strategies of the application stand around it.</summary>
    public CallRecord? Record { get; private set; }

    /// <summary>Why the call was not let in, where it was not.</summary>
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

    /// <summary>Lets go of what the call was given.</summary>
    public void Release() => (Context, CallerToken, _lastThrown, Record) = (null!, default, null, null);

    /// <summary>Judges the outcome of an attempt. Where the caller has given up, that becomes its outcome.</summary>
    public void Judge<TResult>(ref Outcome<TResult> outcome)
    {
        _lastThrown = outcome.Exception;
        Verdict = Classify(ref outcome);

        // Whatever breaks after the caller gave up may have broken because of that. An answer that is no failure stays one.
        var isGivenUp = outcome.Exception is { } exception
            ? IsCallers(exception)
            : Verdict is FailureKind.Transient or FailureKind.Permanent or FailureKind.Uncounted && CallerToken.IsCancellationRequested;
        if (isGivenUp)
        {
            outcome = GivenUp(outcome);
            (Verdict, Result) = (FailureKind.Unrelated, CallResult.Cancelled);
        }
    }

    /// <summary>The call is not let in.</summary>
    /// <returns>What its caller gets.</returns>
    public Exception Reject(Rejection rejection)
    {
        (Rejection, Result) = (rejection, rejection.Result);
        return _rules.MapsExceptions ? rejection.ToApiException(Failure) : rejection.ToPollyException(Failure);
    }

    /// <summary>The application's code that gives the wait before a retry failed. Its caller gets that exception, and the call counts neither way.</summary>
    public Outcome<TResult> Fault<TResult>(Outcome<TResult> outcome, Exception fault)
    {
        _ = outcome.DiscardAsync().AsTask(); // throws nothing, and nobody waits for it
        _lastThrown = fault;
        Verdict = FailureKind.Unrelated;
        return Outcome.FromException<TResult>(fault);
    }

    /// <summary>The call is cancelled while it waits.</summary>
    public Outcome<TResult> Cancel<TResult>()
    {
        // Cancelled by the total timeout, the call is judged by the failure that it was about to retry.
        if (CallerToken.IsCancellationRequested)
        {
            Verdict = FailureKind.Unrelated;
        }

        return Outcome.FromException<TResult>(new OperationCanceledException(Context.CancellationToken));
    }

    /// <summary>How it stands, to be given to the call that this one is an execution of.</summary>
    public Ending EndedWith(CallRecord? record) => new(Result, Verdict, Rejection, _lastThrown, record);

    /// <summary>The call ends as the execution did that its outcome is of.</summary>
    public void Adopt(Ending end) => (Result, Verdict, Rejection, _lastThrown, Record) = end;

    /// <summary>Judges the outcome of a call that no execution ended: a strategy of the application made it.</summary>
    public void JudgeAdded<TResult>(ref Outcome<TResult> outcome)
    {
        Judge(ref outcome);
        _lastThrown = null; // no attempt has thrown it
        Rejection = outcome.Exception switch
        {
            BrokenCircuitException broken => new(RejectedBy.CircuitBreaker, null, broken.RetryAfter),
            ExecutionRejectedException and not TimeoutRejectedException => new(RejectedBy.LoadShedding, null),
            _ => null,
        };
        Result = Rejection?.Result ?? Result;
    }

    /// <summary>Says how the call ended, and maps its exception.</summary>
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

    /// <summary>What the caller sees, in the guide's words where it is infrastructure, also when the pipeline leaves Polly's.</summary>
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

            // Cancelled, but not by the caller: by the total timeout. A timeout like any other.
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
#pragma warning disable CA1031 // a fault in a user's rule reaches the caller, and neither a slot nor a permit is lost
        catch (Exception fault)
#pragma warning restore CA1031
        {
            outcome = Outcome.FromException<TResult>(fault);
            return FailureKind.Unrelated;
        }
    }

    // As the caller sees it who cancels while a retry waits.
    private Outcome<TResult> GivenUp<TResult>(Outcome<TResult> outcome)
    {
        if (outcome.Exception is OperationCanceledException)
        {
            return outcome; // Finish gives it the token of the caller
        }

        _ = outcome.DiscardAsync().AsTask(); // throws nothing, and nobody waits for it
        return Outcome.FromException<TResult>(
            new OperationCanceledException("The caller cancelled the call before its attempt failed.", outcome.Exception, CallerToken));
    }

    // Both timeouts are Polly's and throw alike; what no attempt has thrown comes from outside the attempts: the total timeout, or one around the call.
    private Exception Map(Exception exception) =>
        exception is TimeoutRejectedException timeout && !ReferenceEquals(timeout, _lastThrown)
            ? ExceptionMapper.TimedOut(timeout, TimeoutPhase.Total, timeout.Timeout, Failure)
            : ExceptionMapper.Map(exception, Failure, isTimeout: Verdict is FailureKind.Transient or FailureKind.Permanent or FailureKind.Uncounted);

    private CallResult ResultOf<TResult>(Outcome<TResult> outcome) => (Verdict, outcome.Exception) switch
    {
        (FailureKind.None, null) => CallResult.Succeeded,
        (FailureKind.None, _) => CallResult.Refused,
        (_, { } exception) when IsCallers(exception) => CallResult.Cancelled,
        (FailureKind.Unrelated, OperationCanceledException cancelled) when !SaysTimeout(cancelled) => CallResult.Cancelled, // a rule says so
        (_, { } exception) when FailureTable.Find(exception) is { IsTimeout: true } => CallResult.TimedOut,
        _ => CallResult.Failed,
    };

    // HttpClient cancels for its own timeout with the token that it made of the caller's. What knows that says so with a TimeoutException inside.
    private bool IsCallers(Exception exception) => CallerToken.IsCancellationRequested && !SaysTimeout(exception);

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

    /// <summary>How an execution of a call ended.</summary>
    internal sealed record Ending(CallResult Result, FailureKind Verdict, Rejection? Rejection, Exception? LastThrown, CallRecord? Record);
}

/// <summary>What of a pipeline's settings decides how its calls end.</summary>
/// <param name="PipelineName">The name in exceptions.</param>
/// <param name="Failures">What is a failure.</param>
/// <param name="MapsExceptions">Whether callers get the guide's exceptions, or Polly's.</param>
internal sealed record OutcomeRules(string PipelineName, FailureClassifier Failures, bool MapsExceptions);
