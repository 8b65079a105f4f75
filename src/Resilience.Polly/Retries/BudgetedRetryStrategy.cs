using Polly;
using Polly.Telemetry;
using Resilience.Polly.Events;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Retries;

/// <summary>The retry with its budget as a strategy for any pipeline.</summary>
internal sealed class BudgetedRetryStrategy : ResilienceStrategy, IReachedCalls
{
    private readonly RetryOptions _options;
    private readonly int _maxAttempts;
    private readonly HandledOutcomes _handled;
    private readonly TimeProvider _clock;
    private readonly ResilienceStrategyTelemetry _telemetry;
    private readonly RetryBudget _budget;
    private long _inside;
    private long _ended;

    public BudgetedRetryStrategy(RetryOptions options, int maxAttempts, HandledOutcomes handled, TimeProvider clock, ResilienceStrategyTelemetry telemetry)
    {
        (_options, _maxAttempts, _handled, _clock, _telemetry) = (options, maxAttempts, handled, clock, telemetry);
        _budget = new RetryBudget(this, clock);
    }

    long IReachedCalls.Ended => Volatile.Read(ref _ended);

    long IReachedCalls.Inside => Volatile.Read(ref _inside);

    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (CallProperties.Check(context, isPartitioned: false, out var own) is { } invalid)
        {
            return Outcome.FromException<TResult>(invalid);
        }

        var maxAttempts = own.MaxAttempts ?? _maxAttempts;
        var isSynchronous = context.IsSynchronous();
        var verdict = FailureKind.Unrelated;
        Interlocked.Increment(ref _inside);
        try
        {
            var startedAt = _clock.GetTimestamp();
            _budget.NoteCall(startedAt, _options.Budget);
            for (var attempt = 1; ; attempt++)
            {
                (var outcome, verdict) = await _handled.JudgeAsync(
                    await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext), context).ConfigureAwait(context.ContinueOnCapturedContext);
                var took = _clock.GetElapsedTime(startedAt);
                var isTransient = verdict is FailureKind.Transient or FailureKind.Uncounted;
                RetryReports.Attempted(_telemetry, context, outcome, attempt, took, isTransient, isLast: attempt >= maxAttempts);
                if (!isTransient || WaitAfter(attempt, maxAttempts, outcome, context) is not { } wait)
                {
                    return outcome;
                }

                RetryReports.Retrying(_telemetry, context, outcome, attempt, wait, took);
                await RetryWait.ForAsync(wait, _clock, isSynchronous, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
                await outcome.DiscardAsync(isSynchronous).ConfigureAwait(context.ContinueOnCapturedContext);
                if (context.CancellationToken.IsCancellationRequested)
                {
                    verdict = FailureKind.Unrelated;
                    return Outcome.FromException<TResult>(new OperationCanceledException(context.CancellationToken));
                }

                startedAt = _clock.GetTimestamp();
            }
        }
        finally
        {
            // What its caller has cancelled earns no retries.
            if (verdict != FailureKind.Unrelated || !context.CancellationToken.IsCancellationRequested)
            {
                Interlocked.Increment(ref _ended);
            }

            Interlocked.Decrement(ref _inside);
        }
    }

    private TimeSpan? WaitAfter<TResult>(int attempt, int maxAttempts, Outcome<TResult> outcome, ResilienceContext context)
    {
        if (attempt >= maxAttempts || context.CancellationToken.IsCancellationRequested || !RetrySafety.AllowsRepetition(CallProperties.RepetitionOf(context), outcome.Exception))
        {
            return null;
        }

        var wait = NextAttempt.WaitAfter(attempt, outcome, _options, context, _clock, left: null);
        if (wait is null || _budget.TryWithdraw(_options.Budget))
        {
            return wait;
        }

        _telemetry.Report(
            new ResilienceEvent(ResilienceEventSeverity.Warning, "OnRetryBudgetSpent"), context, outcome, new RetryBudgetSpentArguments(attempt));
        return null;
    }
}

/// <summary>The arguments of the event that reports a spent budget to Polly's telemetry.</summary>
internal readonly record struct RetryBudgetSpentArguments(int Attempt);
