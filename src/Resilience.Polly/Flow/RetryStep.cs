using Polly;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Retries;

namespace Resilience.Polly.Flow;

/// <summary>Whether another attempt follows one that has ended, and the wait before it.</summary>
internal static class RetryStep
{
    /// <returns>The wait before the next attempt; <see langword="null"/> if this one is the last.</returns>
    public static TimeSpan? Next<TResult>(ref Outcome<TResult> outcome, Call<TResult> call) =>
        call.Outcome.Verdict is FailureKind.Transient or FailureKind.Uncounted ? AfterFailure(ref outcome, call) : null;

    private static TimeSpan? AfterFailure<TResult>(ref Outcome<TResult> outcome, Call<TResult> call)
    {
        var (context, options) = (call.Context, call.Settings.Options.Retry);
        call.Ends = WhyLast(outcome.Exception, call, options);
        if (call.Ends != CallEnd.None)
        {
            return null;
        }

        TimeSpan? wait;
        try
        {
            wait = NextAttempt.WaitAfter(call.Outcome.Attempts, outcome, options, context, call.Pipeline.Clock, call.TotalLeft);
        }
        catch (Exception fault) // a fault in the application's code reaches the caller; no slot and no permit is lost
        {
            outcome = call.Outcome.Fault(outcome, fault);
            return null;
        }

        // Last, so only a retry that will be made costs budget.
        if (wait is not null && !call.Partition.Budget.TryWithdraw(options.Budget))
        {
            call.Ends = CallEnd.BudgetSpent;
            call.Partition.CountRetryBudgetSpent(outcome, call);
            return null;
        }

        call.Ends = wait is null ? CallEnd.WaitTooLong : CallEnd.None;
        return wait;
    }

    private static CallEnd WhyLast(Exception? failure, Call call, RetryOptions options)
    {
        var wasNotSent = options.MaxConnectAttempts is not null && RetrySafety.WasNotSent(failure);
        if (wasNotSent)
        {
            call.NotSent++;
        }

        return
            NextAttempt.IsBeyondLimit(call.Outcome.Attempts, call.NotSent, wasNotSent, call.OwnMaxAttempts, options) ? CallEnd.OutOfAttempts
            : call.IsProbe ? CallEnd.WasProbe
            : call.Context.CancellationToken.IsCancellationRequested ? CallEnd.GivenUp
            : !RetrySafety.AllowsRepetition(CallProperties.RepetitionOf(call.Context), failure) ? CallEnd.NotRepeatable
            : !CircuitStep.AllowsRetry(call) ? CallEnd.CircuitOpen
            : CallEnd.None;
    }

    /// <summary>Waits for the next attempt.</summary>
    /// <returns>The outcome of the call if no attempt follows; otherwise <see langword="null"/>.</returns>
    public static async ValueTask<Outcome<TResult>?> WaitAsync<TResult>(TimeSpan wait, Outcome<TResult> outcome, Call<TResult> call)
    {
        var (clock, context) = (call.Pipeline.Clock, call.Context);
        var took = clock.GetElapsedTime(call.AttemptStartedAt);
        CallHistory.Note(call, outcome, took, wait);
        call.Partition.Events.Retrying(context, outcome, call.Outcome.Attempts, wait, took);
        call.Partition.BeginRetryWait();
        await RetryWait.ForAsync(wait, clock, call.IsSynchronous, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
        call.Partition.EndRetryWait();
        if (context.CancellationToken.IsCancellationRequested)
        {
            call.Ends = CallEnd.GivenUp;
            await outcome.DiscardAsync(call.IsSynchronous).ConfigureAwait(context.ContinueOnCapturedContext);
            return call.Outcome.Cancel<TResult>();
        }

        if (CircuitStep.AllowsRetry(call))
        {
            return null;
        }

        call.Ends = CallEnd.CircuitOpen;
        return outcome;
    }
}
