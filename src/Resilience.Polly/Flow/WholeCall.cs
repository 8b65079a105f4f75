using System.Diagnostics;
using System.Runtime.CompilerServices;
using Polly;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Statistics;

namespace Resilience.Polly.Flow;

/// <summary>
/// A call with strategies of the application around it. They may execute the flow never, once, again, or several times at once. Each execution has its own
/// <see cref="Call"/> and reports its end here.
/// </summary>
/// <remarks>Never reused: an execution may outlive the call.</remarks>
internal sealed class WholeCall(Call call)
{
    private readonly Lock _gate = new();

    // How the execution ended that returned an exception. Weak, since a strategy may execute the call without end.
    private ConditionalWeakTable<Exception, CallOutcome.Ending>? _endings;
    private bool _hasEnded;

    public ActiveOptions Settings { get; } = call.Settings;

    public bool IsSynchronous { get; } = call.IsSynchronous;

    public Activity? Activity { get; } = call.Activity;

    /// <summary>Receives the end of an execution.</summary>
    public Outcome<TResult> Take<TResult>(Outcome<TResult> outcome, Call execution)
    {
        lock (_gate)
        {
            if (!_hasEnded)
            {
                call.Outcome.Attempts += execution.Outcome.Attempts;
                if (outcome.Exception is { } exception)
                {
                    (_endings ??= []).AddOrUpdate(exception, execution.Outcome.EndedWith(execution.Outcome.Attempts > 0 ? CallHistory.Of(execution, outcome) : null));
                }
            }
        }

        execution.End();
        return outcome;
    }

    /// <summary>Ends the call, and judges the result of its strategies.</summary>
    public Outcome<TResult> End<TResult>(Outcome<TResult> outcome)
    {
        CallOutcome.Ending? ending = null;
        lock (_gate)
        {
            _hasEnded = true;
            if (outcome.Exception is { } exception)
            {
                _endings?.TryGetValue(exception, out ending);
            }
        }

        // If a strategy cancelled an execution, the caller did not.
        if (ending is null || (ending.Result == CallResult.Cancelled && !call.Outcome.CallerToken.IsCancellationRequested))
        {
            call.Outcome.JudgeAdded(ref outcome);
        }
        else
        {
            call.Outcome.Adopt(ending);
        }

        return outcome;
    }
}
