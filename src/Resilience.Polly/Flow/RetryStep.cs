using Polly;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Retries;

namespace Resilience.Polly.Flow;

/// <summary>Whether an attempt that has ended is followed by another one, and the wait before it.</summary>
internal static class RetryStep
{
    /// <returns>The wait before the next attempt; <see langword="null"/> where this one is the last.</returns>
    public static TimeSpan? Next<TResult>(Outcome<TResult> outcome, Call<TResult> call)
    {
        var (pipeline, context, options) = (call.Pipeline, call.Context, call.Settings.Options.Retry);
        if (call.Outcome.Verdict is not (FailureKind.Transient or FailureKind.Uncounted)
            || call.Outcome.Attempts >= options.MaxAttempts
            || call.IsProbe
            || context.CancellationToken.IsCancellationRequested
            || !RetrySafety.AllowsRepetition(CallProperties.RepetitionOf(context), outcome.Exception)
            || !CircuitStep.AllowsRetry(call))
        {
            return null;
        }

        var wait = RetryDelay.Before(
            call.Outcome.Attempts + 1,
            options,
            Random.Shared.NextDouble(),
            FailureTable.RetryAfterOf(outcome, call.Context, pipeline.Clock),
            call.TotalLeft);

        // Last, so that only a retry that will be made is paid for.
        if (wait is not null && !pipeline.Budget.TryWithdraw(options.Budget))
        {
            pipeline.CountRetryBudgetSpent(outcome, call.Outcome.Attempts, context);
            return null;
        }

        return wait;
    }

    /// <summary>Waits for the next attempt.</summary>
    /// <returns>The outcome of the call where no attempt follows after all; otherwise <see langword="null"/>.</returns>
    public static async ValueTask<Outcome<TResult>?> WaitAsync<TResult>(TimeSpan wait, Outcome<TResult> outcome, Call<TResult> call)
    {
        var (pipeline, context) = (call.Pipeline, call.Context);
        pipeline.Events.Retrying(context, outcome, call.Outcome.Attempts, wait, pipeline.Clock.GetElapsedTime(call.AttemptStartedAt));
        await RetryWait.ForAsync(wait, pipeline.Clock, call.IsSynchronous, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
        if (context.CancellationToken.IsCancellationRequested)
        {
            await outcome.DiscardAsync(call.IsSynchronous).ConfigureAwait(context.ContinueOnCapturedContext);
            return call.Outcome.Cancel<TResult>();
        }

        return CircuitStep.AllowsRetry(call) ? null : outcome;
    }
}
