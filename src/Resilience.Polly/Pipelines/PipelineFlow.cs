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
        var bound = BoundCallback<TResult>.Bind(callback, state);
        var outcome = await total.ExecuteOutcomeAsync(
            static (c, s) => s.Flow.ProtectAsync(BoundCallback<TResult>.Invoke, c, s.Bound, s.Call, isWhole: false),
            context,
            (Flow: this, Bound: bound, Call: call)).ConfigureAwait(context.ContinueOnCapturedContext);
        bound.Release();
        return Finish(outcome, call, context);
    }

    /// <param name="callback">Makes an attempt.</param>
    /// <param name="context">The context of the call.</param>
    /// <param name="state">What the callback is given.</param>
    /// <param name="call">The call.</param>
    /// <param name="isWhole">Whether nothing stands around this, so that the outcome is that of the call; one state machine less for most calls.</param>
    private ValueTask<Outcome<TResult>> ProtectAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call, bool isWhole)
    {
        // 3. Load shedding: before the call takes anything.
        if (call.Settings.ShedsLoad && pipeline.Shedder.Sheds(CallProperties.PriorityOf(context), call.StartedAt, call.Settings.Options.LoadShedding.Share))
        {
            return new(Leave(CallRefusals.Shed<TResult>(pipeline, call, context), call, context, isWhole));
        }

        // 4. Bulkhead: one slot per call, held across its retries and always given back.
        return pipeline.Bulkhead.TryEnter()
            ? EnterAsync(callback, context, state, call, isWhole)
            : WaitForSlotAsync(callback, context, state, call, isWhole);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> WaitForSlotAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call, bool isWhole)
    {
        var options = call.Settings.Options.Bulkhead;
        var entry = call.IsSynchronous
            ? pipeline.Bulkhead.Enter(options, context.CancellationToken)
            : await pipeline.Bulkhead.EnterAsync(options, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
        call.AttemptStartedAt = pipeline.Clock.GetTimestamp();
        return entry == BulkheadEntry.Entered
            ? await EnterAsync(callback, context, state, call, isWhole).ConfigureAwait(context.ContinueOnCapturedContext)
            : Leave(CallRefusals.NoSlot<TResult>(pipeline, entry, call, context), call, context, isWhole);
    }

    /// <summary>The call with its slot, up to the end of its first attempt if that ends at once: no state machine for such a call.</summary>
    private ValueTask<Outcome<TResult>> EnterAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call, bool isWhole)
    {
        Outcome<TResult> outcome;
        var holdsSlot = true;
        try
        {
            // 5. Circuit breaker: one verdict per call. 7. Circuit breaker per attempt.
            if (!CircuitUse.TryAdmit(pipeline, call.Settings.CountsCalls, call, context, out var permit)
                || !CircuitUse.TryAdmit(pipeline, call.Settings.CountsAttempts, call, context, out var attemptPermit))
            {
                outcome = CallRefusals.CircuitOpen<TResult>(pipeline, call, context);
            }
            else
            {
                (call.Permit, call.AttemptPermit) = (permit, attemptPermit);
                pipeline.Budget.NoteCall(call.StartedAt, call.Settings.Options.Retry.Budget);
                var attempt = BeginAttempt(callback, context, state, call);
                if (!attempt.IsCompletedSuccessfully)
                {
                    holdsSlot = false;
                    return RepeatAsync(attempt, default, null, callback, context, state, call, isWhole);
                }

                outcome = attempt.Result;
                if (EndAttempt(ref outcome, call, context) is { } wait)
                {
                    holdsSlot = false;
                    return RepeatAsync(default, outcome, wait, callback, context, state, call, isWhole);
                }

                CircuitUse.Settle(pipeline, permit, outcome, call, context);
            }
        }
        finally
        {
            if (holdsSlot)
            {
                pipeline.Bulkhead.Exit();
            }
        }

        return new(Leave(outcome, call, context, isWhole));
    }

    // 6. Retry: goes on with an attempt that has begun, or with one that has ended and is to be repeated after a wait.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> RepeatAsync<TResult, TState>(
        ValueTask<Outcome<TResult>> attempt, Outcome<TResult> outcome, TimeSpan? wait,
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call, bool isWhole)
    {
        try
        {
            do
            {
                if (wait is { } pause)
                {
                    if (await RetryPlan.WaitAsync(pipeline, pause, outcome, call, context).ConfigureAwait(context.ContinueOnCapturedContext) is { } last)
                    {
                        outcome = last;
                        break;
                    }

                    // 7. Circuit breaker per attempt. One that rejects a repetition leaves the failure that there is as the answer.
                    if (!CircuitUse.TryAdmit(pipeline, call.Settings.CountsAttempts, call, context, out var permit))
                    {
                        break;
                    }

                    call.AttemptPermit = permit;
                    call.AttemptStartedAt = pipeline.Clock.GetTimestamp();
                    await CallOutcome.DiscardAsync(outcome, call.IsSynchronous).ConfigureAwait(context.ContinueOnCapturedContext);
                    attempt = BeginAttempt(callback, context, state, call);
                }

                try
                {
                    outcome = await attempt.ConfigureAwait(context.ContinueOnCapturedContext);
                }
#pragma warning disable CA1031 // a callback that throws, which it should not, must not keep a slot or a permit
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    outcome = Outcome.FromException<TResult>(exception);
                }

                wait = EndAttempt(ref outcome, call, context);
            }
            while (wait is not null);

            CircuitUse.Settle(pipeline, call.Permit, outcome, call, context);
        }
        finally
        {
            pipeline.Bulkhead.Exit();
        }

        return Leave(outcome, call, context, isWhole);
    }

    private Outcome<TResult> Leave<TResult>(Outcome<TResult> outcome, Call call, ResilienceContext context, bool isWhole) =>
        isWhole ? Finish(outcome, call, context) : outcome;

    private static ValueTask<Outcome<TResult>> BeginAttempt<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call)
    {
        call.Attempts++;
        try
        {
            var attempt = AttemptAsync(callback, context, state, call);

            // A synchronous delegate is done here. Where something around it is not, waiting for it keeps the thread.
            return call.IsSynchronous && !attempt.IsCompleted ? new(BlockingWait.ResultOf(attempt)) : attempt;
        }
#pragma warning disable CA1031 // as above
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new(Outcome.FromException<TResult>(exception));
        }
    }

    /// <summary>Judges an attempt that has ended.</summary>
    /// <returns>The wait before the next one, where there shall be one.</returns>
    private TimeSpan? EndAttempt<TResult>(ref Outcome<TResult> outcome, Call call, ResilienceContext context)
    {
        call.LastException = outcome.Exception;
        call.Verdict = CallOutcome.Judge(ref outcome, call, context);
        CircuitUse.Settle(pipeline, call.AttemptPermit, outcome, call, context);
        if (call.Settings.AdaptsLimit)
        {
            pipeline.Limit.Note(call.Verdict, call.CallerToken.IsCancellationRequested, call.AttemptStartedAt);
        }

        var wait = RetryPlan.Next(pipeline, outcome, call, context);
        CallTrace.NoteAttempt(call, outcome, wait);
        return wait;
    }

    // 8. Attempt timeout, where there is one: an attempt over HTTP has limits of its own.
    // 9. Chaos, where it is on: inside the attempt timeout, which ends an injected latency too.
    private static ValueTask<Outcome<TResult>> AttemptAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call) =>
        call.Settings.Chaos is { } chaos ? InjectAsync(chaos, callback, context, state, call) : LimitAsync(callback, context, state, call);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Outcome<TResult>> InjectAsync<TResult, TState>(
        ChaosInjection chaos,
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call)
    {
        var bound = BoundCallback<TResult>.Bind(callback, state);
        var outcome = await LimitAsync(static (c, s) => s.Chaos.AttemptAsync(s.Bound, c, s.IsSynchronous), context, (Chaos: chaos, Bound: bound, call.IsSynchronous), call)
            .ConfigureAwait(context.ContinueOnCapturedContext);
        bound.Release();
        return outcome;
    }

    private static ValueTask<Outcome<TResult>> LimitAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, Call call) =>
        call.IsTimed
            ? call.Settings.AttemptTimeouts.For(call.Attempts, call.HasOwnTimeout).ExecuteOutcomeAsync(callback, context, state)
            : callback(context, state);
}
