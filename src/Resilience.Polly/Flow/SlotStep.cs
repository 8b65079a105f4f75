using Polly;
using Resilience.Polly.Bulkheads;
using Resilience.Polly.Bulkheads.Shared;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Flow;

/// <summary>Gives the slot of a call back for the wait before a retry, if the settings say so, and takes one again.</summary>
internal static class SlotStep
{
    /// <summary>Gives the slot back before a wait. A retry without a wait keeps it.</summary>
    public static void Pause(Call call, TimeSpan wait)
    {
        if (!call.Settings.Options.Bulkhead.HoldWhileWaiting && wait > TimeSpan.Zero)
        {
            call.IsPaused = true;
            call.Partition.Bulkhead.Pause();
        }
    }

    /// <summary>Takes a slot again after the wait, at the end of the line.</summary>
    /// <returns>The outcome of the call if no attempt follows; otherwise <see langword="null"/>.</returns>
    public static async ValueTask<Outcome<TResult>?> ResumeAsync<TResult>(Outcome<TResult> outcome, Call<TResult> call)
    {
        var (context, bulkhead) = (call.Context, call.Partition.Bulkhead);
        var entry = bulkhead.TryEnter() ? BulkheadEntry.Entered : await WaitAsync(call).ConfigureAwait(context.ContinueOnCapturedContext);
        switch (entry)
        {
            case BulkheadEntry.Entered:
                bulkhead.EndPause();
                call.IsPaused = false;
                if (CircuitStep.AllowsRetry(call)) // the circuit may have opened while the call was in line
                {
                    return null;
                }

                call.Ends = CallEnd.CircuitOpen;
                return outcome;
            case BulkheadEntry.Cancelled:
                call.Ends = CallEnd.GivenUp;
                await outcome.DiscardAsync(call.IsSynchronous).ConfigureAwait(context.ContinueOnCapturedContext);
                return call.Outcome.Cancel<TResult>();
            default:
                call.Ends = CallEnd.NoSlot;
                return outcome;
        }
    }

    /// <summary>Waits in line for a slot. Asks the other instances first, if the slots are shared.</summary>
    public static ValueTask<BulkheadEntry> WaitAsync(Call call) => call.Partition.SharedSlots is { } shared ? AskAsync(shared, call) : JoinLine(call);

    /// <summary>The call leaves, with or without its slot.</summary>
    public static void Leave(Call call)
    {
        if (call.IsPaused)
        {
            call.IsPaused = false;
            call.Partition.Bulkhead.EndPause();
        }
        else
        {
            call.Partition.Bulkhead.Exit();
        }
    }

    private static async ValueTask<BulkheadEntry> AskAsync(SharedSlotsLink shared, Call call)
    {
        var context = call.Context;
        await BlockingWait.Join(shared.AskAsync(), call.IsSynchronous).ConfigureAwait(context.ContinueOnCapturedContext);
        return await JoinLine(call).ConfigureAwait(context.ContinueOnCapturedContext);
    }

    private static ValueTask<BulkheadEntry> JoinLine(Call call)
    {
        var (bulkhead, options, token) = (call.Partition.Bulkhead, call.Settings.Options.Bulkhead, call.Context.CancellationToken);
        return call.IsSynchronous ? new(bulkhead.Enter(options, token)) : bulkhead.EnterAsync(options, token);
    }
}
