using System.Diagnostics;
using System.Runtime.CompilerServices;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Resilience.Polly;

/// <summary>
/// A call with strategies of the application around it. They may execute the flow never, once, again, or several times at once. Each execution has a <see cref="Call"/>
/// of its own and tells its end here.
/// </summary>
/// <remarks>Never used again: an execution may outlive the call.</remarks>
internal sealed class WholeCall(Call call)
{
    private readonly Lock _gate = new();

    // How the execution ended that gave an exception. Weak, since a strategy may execute the call without end.
    private ConditionalWeakTable<Exception, Fate>? _fates;
    private bool _hasEnded;

    public ActiveSettings Settings { get; } = call.Settings;

    public bool IsSynchronous { get; } = call.IsSynchronous;

    public Activity? Activity { get; } = call.Activity;

    /// <summary>Takes the end of an execution.</summary>
    public Outcome<TResult> Take<TResult>(Outcome<TResult> outcome, Call execution)
    {
        lock (_gate)
        {
            if (!_hasEnded)
            {
                call.Attempts += execution.Attempts;
                if (outcome.Exception is { } exception)
                {
                    (_fates ??= []).AddOrUpdate(exception, new(execution.Result, execution.Verdict, execution.LastException, execution.RetryAfter));
                }
            }
        }

        execution.End();
        return outcome;
    }

    /// <summary>Ends the call, and judges what its strategies made of it.</summary>
    public Outcome<TResult> End<TResult>(Outcome<TResult> outcome)
    {
        Fate? fate = null;
        lock (_gate)
        {
            _hasEnded = true;
            if (outcome.Exception is { } exception)
            {
                _fates?.TryGetValue(exception, out fate);
            }
        }

        // An execution that was cancelled by a strategy was not cancelled by the caller.
        if (fate is null || (fate.Result == CallResult.Cancelled && !call.CallerToken.IsCancellationRequested))
        {
            call.Verdict = CallOutcome.Judge(ref outcome, call);
            NoteRejection(outcome.Exception);
        }
        else
        {
            (call.Result, call.Verdict, call.LastException, call.RetryAfter) = fate;
        }

        return outcome;
    }

    // By a strategy of the application: the flow was not reached.
    private void NoteRejection(Exception? exception)
    {
        switch (exception)
        {
            case BrokenCircuitException broken:
                (call.Result, call.RetryAfter) = (CallResult.CircuitOpen, broken.RetryAfter);
                break;
            case ExecutionRejectedException and not TimeoutRejectedException:
                call.Result = CallResult.Shed;
                break;
        }
    }

    private sealed record Fate(CallResult Result, FailureKind Verdict, Exception? LastException, TimeSpan? RetryAfter);
}
