using System.Diagnostics;
using System.Runtime.CompilerServices;
using Polly;
using Resilience.Polly.Bulkheads;
using Resilience.Polly.CircuitBreakers.Shared;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;
using Resilience.Polly.RateLimits;
using Resilience.Polly.Strategies;

namespace Resilience.Polly.Flow;

/// <summary>
/// The guide's "Complete Request Flow", outermost step first. Only this file states the order of the strategies;
/// the code of each is in its own folder.
/// </summary>
internal sealed class PipelineFlow(LivePipeline pipeline) : ResilienceStrategy, INamedPipeline
{
    public string PipelineName => pipeline.Name;

    protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (CallProperties.Check(context, pipeline.Settings.IsPartitioned, out var own) is { } invalid)
        {
            return new(Outcome.FromException<TResult>(invalid));
        }

        var call = Call<TResult, TState>.Begin(pipeline, callback, context, state, own);
        if (CallTrace.Begin(call) is not { } activity)
        {
            return BeginAsync(call);
        }

        call.Activity = activity;
        try
        {
            return BeginAsync(call);
        }
        finally
        {
            Activity.Current = activity.Parent; // the activity of the call is current only inside the call
        }
    }

    /// <summary>Executes a call once more, for strategies of the application around it.</summary>
    public static ValueTask<Outcome<TResult>> ExecuteAsync<TResult>(Call<TResult> call, ResilienceContext context, WholeCall whole) =>
        CallProperties.Check(context, whole.Settings.IsPartitioned, out var own) is { } invalid
            ? new(Outcome.FromException<TResult>(invalid))
            : BeginAsync(Call<TResult, Call<TResult>>.Begin(call.Pipeline, static (c, outer) => outer.InvokeAsync(c), context, call, own, whole));

    // 2. Total timeout: the whole call with its waits.
    private static ValueTask<Outcome<TResult>> BeginAsync<TResult>(Call<TResult> call)
    {
        if (call.Settings.PollyTimeouts?.Total is { } total)
        {
            return LimitTotalAsync(total, call);
        }

        if (call.Settings.Options.Timeout.Total is { } limit)
        {
            call.LimitTotal(limit);
        }

        return ProtectAsync(call);
    }

    // 1. Outcome: the call is counted, and its failure mapped.
    public static Outcome<TResult> Finish<TResult>(Outcome<TResult> outcome, Call<TResult> call)
    {
        call.EndTotal(ref outcome);
        if (call.Whole is { } whole)
        {
            return whole.Take(outcome, call);
        }

        var mapped = call.Outcome.Finish(outcome);
        var seen = mapped.Exception;
        if (seen is not null)
        {
            CallHistory.Attach(call, outcome, seen);
        }

        CallTrace.End(call, outcome);
        call.Partition.Count(call, in outcome);
        if (seen is not null)
        {
            FailedCall.Tell(call.Partition, call.Outcome, seen);
        }

        call.End();
        return mapped;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Outcome<TResult>> LimitTotalAsync<TResult>(ResiliencePipeline total, Call<TResult> call) => Finish(
        await total.ExecuteOutcomeAsync(static (_, c) => ProtectAsync(c), call.Context, call).ConfigureAwait(call.Context.ContinueOnCapturedContext),
        call);

    private static ValueTask<Outcome<TResult>> ProtectAsync<TResult>(Call<TResult> call)
    {
        // 3. Load shedding: before the call takes anything.
        if (call.Settings.ShedsLoad && call.Pipeline.Shedder.Sheds(CallProperties.PriorityOf(call.Context), call.StartedAt, call.Settings.Options.LoadShedding.Share))
        {
            return new(Leave(Reject(call.Pipeline.Shedder.Reject(), call), call));
        }

        // 4. Bulkhead: one slot per call, always given back.
        return call.Partition.Bulkhead.TryEnter() ? EnterAsync(call) : WaitForSlotAsync(call);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Outcome<TResult>> WaitForSlotAsync<TResult>(Call<TResult> call)
    {
        var (context, bulkhead, options) = (call.Context, call.Partition.Bulkhead, call.Settings.Options.Bulkhead);
        var entry = await SlotStep.WaitAsync(call).ConfigureAwait(context.ContinueOnCapturedContext);
        call.SlotAt = call.AttemptStartedAt = call.Pipeline.Clock.GetTimestamp();
        return entry switch
        {
            BulkheadEntry.Entered => await EnterAsync(call).ConfigureAwait(context.ContinueOnCapturedContext), // this ends the call
            BulkheadEntry.Cancelled => Leave(call.Outcome.Cancel<TResult>(), call),
            BulkheadEntry.Retired => await EnterAgainAsync(call).ConfigureAwait(context.ContinueOnCapturedContext),
            _ => Leave(Reject(bulkhead.Reject(entry, options), call), call),
        };
    }

    private static ValueTask<Outcome<TResult>> EnterAgainAsync<TResult>(Call<TResult> call)
    {
        call.RenewPartition();
        return call.Partition.Bulkhead.TryEnter() ? EnterAsync(call) : WaitForSlotAsync(call);
    }

    /// <summary>The call with its slot. It needs no state machine if its first attempt ends at once and is its last.</summary>
    private static ValueTask<Outcome<TResult>> EnterAsync<TResult>(Call<TResult> call, bool hasAsked = false)
    {
        Outcome<TResult> outcome;
        try
        {
            // 5. Circuit breaker: one verdict per call. If it counts attempts, this admits the first one. After a break of all instances, only one of them may probe.
            if (!hasAsked && call.Partition.SharedCircuit is { MustAsk: true } shared)
            {
                return AskToProbeAsync(shared, call);
            }

            if (CircuitStep.Admit(call) is not { } rejection)
            {
                call.Partition.Budget.NoteCall(call.StartedAt, call.Settings.Options.Retry.Budget);

                // 8. Rate limit: one permit per attempt. The wait for it does not count for the attempt.
                if (call.Settings.LimitsRate && !RateLimitStep.TryEnter(call))
                {
                    return WaitForPermitAsync(call);
                }

                var attempt = BeginAttempt(call);
                if (!attempt.IsCompletedSuccessfully)
                {
                    return RepeatAsync(attempt, null, call);
                }

                outcome = attempt.Result;
                if (EndAttempt(ref outcome, call) is { } wait)
                {
                    return RepeatAsync(new(outcome), wait, call);
                }

                CircuitStep.Settle(outcome, call);
            }
            else
            {
                outcome = Reject(rejection, call);
            }
        }
        catch
        {
            call.Partition.Bulkhead.Exit();
            throw;
        }

        call.Partition.Bulkhead.Exit();
        return new(Leave(outcome, call));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Outcome<TResult>> AskToProbeAsync<TResult>(SharedCircuitLink shared, Call<TResult> call)
    {
        var context = call.Context;
        await BlockingWait.Join(shared.AskAsync(), call.IsSynchronous).ConfigureAwait(context.ContinueOnCapturedContext);
        return await EnterAsync(call, hasAsked: true).ConfigureAwait(context.ContinueOnCapturedContext); // this ends the call
    }

    // The first attempt of a call waits for its permit.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Outcome<TResult>> WaitForPermitAsync<TResult>(Call<TResult> call)
    {
        var context = call.Context; // the call may have ended once the attempt has
        var entry = await RateLimitStep.EnterAsync(call).ConfigureAwait(context.ContinueOnCapturedContext); // this never throws
        if (entry.IsEntered)
        {
            call.AttemptStartedAt = call.Pipeline.Clock.GetTimestamp();
            return await RepeatAsync(BeginAttempt(call), null, call).ConfigureAwait(context.ContinueOnCapturedContext); // this ends the call
        }

        var outcome = entry switch
        {
            { How: RateLimitAdmission.Cancelled } => call.Outcome.Cancel<TResult>(),
            { Fault: { } fault } => Outcome.FromException<TResult>(fault),
            _ => Reject(RateLimit.Reject(entry, call.Settings.Options.RateLimit), call),
        };
        CircuitStep.Settle(outcome, call); // it says nothing about the dependency
        call.Partition.Bulkhead.Exit();
        return Leave(outcome, call);
    }

    // 6. Retry: continues with an attempt that has begun, or with one that was judged and will be retried after a wait.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Outcome<TResult>> RepeatAsync<TResult>(ValueTask<Outcome<TResult>> attempt, TimeSpan? wait, Call<TResult> call)
    {
        Outcome<TResult> outcome;
        try
        {
            while (true)
            {
                try
                {
                    outcome = await attempt.ConfigureAwait(call.Context.ContinueOnCapturedContext);
                }
                catch (Exception exception) // a callback should not throw; if it does, it must not keep a slot or a permit
                {
                    outcome = Outcome.FromException<TResult>(exception);
                }

                if ((wait ?? EndAttempt(ref outcome, call)) is not { } pause)
                {
                    break;
                }

                // 4. Bulkhead: given back over the wait where the settings say so. A repetition that finds no slot leaves the failure that there is as the answer.
                SlotStep.Pause(call, pause);
                if (await RetryStep.WaitAsync(pause, outcome, call).ConfigureAwait(call.Context.ContinueOnCapturedContext) is { } last)
                {
                    outcome = last;
                    break;
                }

                if (call.IsPaused && await SlotStep.ResumeAsync(outcome, call).ConfigureAwait(call.Context.ContinueOnCapturedContext) is { } end)
                {
                    outcome = end;
                    break;
                }

                // 7. Circuit breaker per attempt. If it rejects a retry, the call ends with the failure of the attempt before.
                if (call.Settings.CountsAttempts && CircuitStep.Admit(call) is not null)
                {
                    call.Ends = CallEnd.CircuitOpen;
                    break;
                }

                // 8. Rate limit. If it refuses a retry, the call ends with the failure of the attempt before.
                if (call.Settings.LimitsRate && !RateLimitStep.TryEnter(call)
                    && await RateLimitStep.WaitAsync(outcome, call).ConfigureAwait(call.Context.ContinueOnCapturedContext) is { } answer)
                {
                    outcome = answer;
                    break;
                }

                call.AttemptStartedAt = call.Pipeline.Clock.GetTimestamp();
                await outcome.DiscardAsync(call.IsSynchronous).ConfigureAwait(call.Context.ContinueOnCapturedContext);
                attempt = BeginAttempt(call);
                wait = null;
            }

            CircuitStep.Settle(outcome, call);
        }
        finally
        {
            SlotStep.Leave(call);
        }

        return Leave(outcome, call);
    }

    // A rejected call is reported, and gets its exception.
    private static Outcome<TResult> Reject<TResult>(Rejection rejection, Call<TResult> call)
    {
        var exception = call.Outcome.Reject(rejection);
        call.Partition.Events.Rejected(call.Context, rejection, exception);
        return Outcome.FromException<TResult>(exception);
    }

    // Inside Polly's total timeout the call has not ended: only outside it is known whether the time was over.
    private static Outcome<TResult> Leave<TResult>(Outcome<TResult> outcome, Call<TResult> call) =>
        call.Settings.PollyTimeouts?.Total is null ? Finish(outcome, call) : outcome;

    private static ValueTask<Outcome<TResult>> BeginAttempt<TResult>(Call<TResult> call)
    {
        call.Outcome.Attempts++;
        try
        {
            var attempt = AttemptAsync(call);

            // A synchronous delegate is done here. If something around it is not, waiting for it keeps the thread.
            return call.IsSynchronous && !attempt.IsCompleted ? new(BlockingWait.ResultOf(attempt)) : attempt;
        }
        catch (Exception exception) // as above
        {
            return new(Outcome.FromException<TResult>(exception));
        }
    }

    /// <summary>Judges an attempt that has ended.</summary>
    /// <returns>The wait before the next attempt; <see langword="null"/> if this one is the last.</returns>
    private static TimeSpan? EndAttempt<TResult>(ref Outcome<TResult> outcome, Call<TResult> call)
    {
        call.EndAttempt(ref outcome);
        call.Outcome.Judge(ref outcome);
        if (call.Settings.LimitsRate)
        {
            RateLimitStep.EndAttempt(outcome, call);
        }

        if (call.Settings.CountsAttempts)
        {
            CircuitStep.Settle(outcome, call);
        }

        if (call.Settings.AdaptsLimit)
        {
            call.Partition.Limit.Note(call.Outcome.Verdict, call.Outcome.CallerToken.IsCancellationRequested, call.AttemptStartedAt);
        }

        var wait = RetryStep.Next(ref outcome, call);
        CallTrace.NoteAttempt(call, outcome, wait);
        if (call.Pipeline.Events.WantsAttempts)
        {
            ReportAttempt(outcome, call, isLast: wait is null);
        }

        return wait;
    }

    private static void ReportAttempt<TResult>(Outcome<TResult> outcome, Call<TResult> call, bool isLast) =>
        call.Pipeline.Events.Attempted(
            call.Context, outcome, call.Outcome.Attempts, call.Pipeline.Clock.GetElapsedTime(call.AttemptStartedAt),
            isTransient: call.Outcome.Verdict is FailureKind.Transient or FailureKind.Uncounted, isLast);

    // 9. Attempt timeout, if there is one: an attempt over HTTP has its own limits.
    private static ValueTask<Outcome<TResult>> AttemptAsync<TResult>(Call<TResult> call)
    {
        if (call.AttemptTimeout != Timeout.InfiniteTimeSpan)
        {
            if (call.Settings.PollyTimeouts is { } timeouts)
            {
                return timeouts.ForAttempt(call.Outcome.Attempts).ExecuteOutcomeAsync(static (context, c) => InvokeAsync(c, context), call.Context, call);
            }

            call.LimitAttempt();
        }

        return InvokeAsync(call, call.Context);
    }

    // The application's strategies around the attempt, if it has added some. 10. Chaos, if it is on. The attempt timeout ends an injected latency too.
    private static ValueTask<Outcome<TResult>> InvokeAsync<TResult>(Call<TResult> call, ResilienceContext context) =>
        call.Settings.InsideAttempt is { } inside ? inside.AttemptAsync(call, context, call.IsSynchronous) : call.InvokeAsync(context);
}
