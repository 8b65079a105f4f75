using System.Diagnostics;
using System.Runtime.CompilerServices;
using Polly;

namespace Resilience.Polly;

/// <summary>
/// The guide's "Complete Request Flow", outermost step first. This is the one place that states the order of the strategies;
/// what each of them decides stands in its own folder.
/// </summary>
internal sealed class PipelineFlow(LivePipeline pipeline) : ResilienceStrategy
{
    protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (CallProperties.Check(context, out var ownTimeout) is { } invalid)
        {
            return new(Outcome.FromException<TResult>(invalid));
        }

        var call = Call.Begin(pipeline, context, ownTimeout);
        if (CallTrace.Begin(pipeline.Name) is not { } activity)
        {
            return BeginAsync(callback, context, state, call);
        }

        call.Activity = activity;
        try
        {
            return BeginAsync(callback, context, state, call);
        }
        finally
        {
            Activity.Current = activity.Parent; // that of the call stays current inside the call only
        }
    }

    private ValueTask<Outcome<TResult>> BeginAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call) =>
        call.Settings.TotalTimeout is { } total
            ? LimitTotalAsync(total, callback, context, state, call)
            : ProtectAsync(callback, context, state, call, isWhole: true);

    // 1. Outcome: the call is counted, and its failure mapped.
    private Outcome<TResult> Finish<TResult>(Outcome<TResult> outcome, Call call, ResilienceContext context)
    {
        var mapped = CallOutcome.Finish(outcome, call, context);
        CallTrace.End(call, outcome);
        pipeline.Count(call);
        FailedCall.Tell(pipeline, call, mapped.Exception, context);
        call.End();
        return mapped;
    }

    // 2. Total timeout: the whole call with its waits.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> LimitTotalAsync<TResult, TState>(
        ResiliencePipeline total,
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call)
    {
        var outcome = await total.ExecuteOutcomeAsync(
            static (c, s) => s.Flow.ProtectAsync(s.Callback, c, s.State, s.Call, isWhole: false),
            context,
            (Flow: this, Callback: callback, State: state, Call: call)).ConfigureAwait(context.ContinueOnCapturedContext);
        return Finish(outcome, call, context);
    }

    /// <param name="callback">Makes an attempt.</param>
    /// <param name="context">The context of the call.</param>
    /// <param name="state">What the callback is given.</param>
    /// <param name="call">The call.</param>
    /// <param name="isWhole">Whether nothing stands around this, so that the outcome is that of the call; one state machine less for most calls.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> ProtectAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call, bool isWhole)
    {
        Outcome<TResult> outcome;

        // 3. Load shedding: before the call takes anything.
        if (call.Settings.ShedsLoad && pipeline.Shedder.Sheds(CallProperties.PriorityOf(context), call.StartedAt, call.Settings.Options.LoadShedding.Share))
        {
            outcome = Shed<TResult>(call, context);
            return isWhole ? Finish(outcome, call, context) : outcome;
        }

        // 4. Bulkhead: one slot per call, held across its retries and always given back.
        var entry = pipeline.Bulkhead.TryEnter()
            ? BulkheadEntry.Entered
            : await pipeline.Bulkhead.EnterAsync(call.Settings.Options.Bulkhead, context.CancellationToken)
                .ConfigureAwait(context.ContinueOnCapturedContext);
        if (entry != BulkheadEntry.Entered)
        {
            outcome = Refuse<TResult>(entry, call, context);
            return isWhole ? Finish(outcome, call, context) : outcome;
        }

        try
        {
            // 5. Circuit breaker: one verdict per call.
            if (TryAdmit(call.Settings.CountsCalls, call, context, out var permit))
            {
                // 6. Retry. Not a method of its own: that would be another state machine for each call.
                outcome = default;
                while (true)
                {
                    // 7. Circuit breaker per attempt. One that rejects a repetition leaves the failure that there is as the answer.
                    if (!TryAdmit(call.Settings.CountsAttempts, call, context, out var attemptPermit))
                    {
                        outcome = call.Attempts == 0 ? RefuseOpen<TResult>(call, context) : outcome;
                        break;
                    }

                    await BeginAttemptAsync(outcome, call).ConfigureAwait(context.ContinueOnCapturedContext);
                    if (call.Settings.AdaptsLimit)
                    {
                        call.AttemptStartedAt = pipeline.Clock.GetTimestamp();
                    }

                    try
                    {
                        // 8. Attempt timeout, where there is one: an attempt over HTTP has limits of its own.
                        outcome = await AttemptAsync(callback, context, state, call).ConfigureAwait(context.ContinueOnCapturedContext);
                    }
#pragma warning disable CA1031 // a callback that throws, which it should not, must not keep a slot or a permit
                    catch (Exception exception)
#pragma warning restore CA1031
                    {
                        outcome = Outcome.FromException<TResult>(exception);
                    }

                    call.LastException = outcome.Exception;
                    call.Verdict = CallOutcome.Judge(ref outcome, call, context);
                    Settle(attemptPermit, outcome, call, context);
                    if (call.Settings.AdaptsLimit)
                    {
                        pipeline.Limit.Note(call.Verdict, call.AttemptStartedAt);
                    }

                    var planned = PlanRetry(outcome, call, context);
                    CallTrace.NoteAttempt(call, outcome, planned);
                    if (planned is not { } wait)
                    {
                        break;
                    }

                    if (await WaitAsync(wait, outcome, call, context).ConfigureAwait(context.ContinueOnCapturedContext) is { } last)
                    {
                        outcome = last;
                        break;
                    }
                }

                Settle(permit, outcome, call, context);
            }
            else
            {
                outcome = RefuseOpen<TResult>(call, context);
            }
        }
        finally
        {
            pipeline.Bulkhead.Exit();
        }

        return isWhole ? Finish(outcome, call, context) : outcome;
    }

    // 9. Chaos, where it is on: inside the attempt timeout, which ends an injected latency too.
    private static ValueTask<Outcome<TResult>> AttemptAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call) =>
        call.Settings.Chaos is { } chaos
            ? LimitAsync(
                static (c, s) => s.Chaos.AttemptAsync(s.Callback, c, s.State), context, (Chaos: chaos, Callback: callback, State: state), call)
            : LimitAsync(callback, context, state, call);

    private static ValueTask<Outcome<TResult>> LimitAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call) =>
        call.IsTimed
            ? call.Settings.AttemptTimeouts.For(call.Attempts).ExecuteOutcomeAsync(callback, context, state)
            : callback(context, state);

    private ValueTask BeginAttemptAsync<TResult>(Outcome<TResult> last, Call call)
    {
        if (++call.Attempts > 1)
        {
            return CallOutcome.DiscardAsync(last);
        }

        pipeline.Budget.NoteCall(call.StartedAt, call.Settings.Options.Retry.Budget);
        return default;
    }

    private TimeSpan? PlanRetry<TResult>(Outcome<TResult> outcome, Call call, ResilienceContext context)
    {
        var options = call.Settings.Options.Retry;
        if (call.Verdict != FailureKind.Transient
            || call.Attempts >= options.MaxAttempts
            || call.IsProbe
            || context.CancellationToken.IsCancellationRequested
            || !CallProperties.MayRepeat(context, outcome.Exception)
            || !CircuitAllowsRetry(call))
        {
            return null;
        }

        var wait = RetryDelay.Before(
            call.Attempts + 1,
            options,
            Random.Shared.NextDouble(),
            RetryAfterHint.Of(outcome, pipeline.Clock),
            call.TotalLeft(pipeline.Clock));

        // Last, so that only a retry that will be made is paid for.
        return wait is not null && pipeline.Budget.TryWithdraw(options.Budget) ? wait : null;
    }

    /// <summary>Waits for the next attempt.</summary>
    /// <returns>The outcome of the call where there shall be none after all.</returns>
    private async ValueTask<Outcome<TResult>?> WaitAsync<TResult>(TimeSpan wait, Outcome<TResult> outcome, Call call, ResilienceContext context)
    {
        pipeline.Events.Retrying(context, outcome, call.Attempts, wait, pipeline.Clock.GetElapsedTime(call.StartedAt));
        await RetryWait.ForAsync(wait, pipeline.Clock, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
        if (context.CancellationToken.IsCancellationRequested)
        {
            await CallOutcome.DiscardAsync(outcome).ConfigureAwait(context.ContinueOnCapturedContext);
            return CallOutcome.Cancelled<TResult>(call, context);
        }

        return CircuitAllowsRetry(call) ? null : outcome;
    }

    private bool CircuitAllowsRetry(Call call) => !call.Settings.EnforcesCircuit || pipeline.Circuit.IsClosed;

    private bool TryAdmit(bool counts, Call call, ResilienceContext context, out CircuitPermit permit)
    {
        permit = CircuitPermit.Uncounted;
        if (!counts)
        {
            return true;
        }

        var options = call.Settings.Options.CircuitBreaker;
        var admission = pipeline.Circuit.Admit(options);
        pipeline.Events.CircuitChanged(context, Outcome.FromResult<object?>(null), admission.Transition, options.RecoveryTimeout);
        if (admission.Permit is not { } admitted)
        {
            call.RetryAfter = admission.RetryAfter;
            return !call.Settings.EnforcesCircuit;
        }

        permit = admitted;
        call.IsProbe = permit.IsProbe && call.Settings.EnforcesCircuit;
        return true;
    }

    private void Settle<TResult>(CircuitPermit permit, Outcome<TResult> outcome, Call call, ResilienceContext context)
    {
        var options = call.Settings.Options.CircuitBreaker;
        var transition = pipeline.Circuit.Settle(permit, call.Verdict, outcome, options);
        pipeline.Events.CircuitChanged(context, outcome, transition, options.RecoveryTimeout);
    }

    private Outcome<TResult> Shed<TResult>(Call call, ResilienceContext context)
    {
        call.Result = CallResult.Shed;
        pipeline.Events.Shed(context);
        return Outcome.FromException<TResult>(Rejections.Shed(
            pipeline.Shedder.Overload ?? "overload that has just ended", FailureContext.Of(call, context), call.Settings.Options.MapExceptions));
    }

    private Outcome<TResult> Refuse<TResult>(BulkheadEntry entry, Call call, ResilienceContext context)
    {
        if (entry == BulkheadEntry.Cancelled)
        {
            return CallOutcome.Cancelled<TResult>(call, context);
        }

        call.Result = CallResult.BulkheadFull;
        pipeline.Events.RejectedByBulkhead(context);
        return CallOutcome.NoSlot<TResult>(entry, pipeline.Bulkhead.Read().Limit, call, context);
    }

    private Outcome<TResult> RefuseOpen<TResult>(Call call, ResilienceContext context)
    {
        call.Result = CallResult.CircuitOpen;
        pipeline.Events.RejectedByCircuit(context, call.RetryAfter);
        return Outcome.FromException<TResult>(
            Rejections.CircuitOpen(call.RetryAfter, FailureContext.Of(call, context), call.Settings.Options.MapExceptions));
    }
}
