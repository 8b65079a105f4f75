using Polly;
using Resilience.Polly.Outcomes;
using Resilience.Polly.RateLimits;

namespace Resilience.Polly.Flow;

/// <summary>Gets the permit of an attempt: from the pipeline's own rate and cool-down, then from the limiter of the application, if there is one.</summary>
internal static class RateLimitStep
{
    /// <summary>Takes a permit if one is free.</summary>
    public static bool TryEnter(Call call) =>
        call.Partition.Rate.TryEnter()
        && (call.Settings.Options.RateLimit.Limiter is not { } limiter || (call.Lease = OwnLimiter.TryAcquire(limiter)) is not null);

    /// <summary>Waits for a permit; never throws.</summary>
    public static async ValueTask<RateLimitEntry> EnterAsync(Call call)
    {
        var (context, clock, options) = (call.Context, call.Pipeline.Clock, call.Settings.Options.RateLimit);
        var (startedAt, maxWait) = (clock.GetTimestamp(), MaxWait(options.MaxWait, call.TotalLeft));
        var entry = await call.Partition.Rate.EnterAsync(maxWait, call.IsSynchronous, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
        if (entry.IsEntered && options.Limiter is { } limiter)
        {
            (entry, call.Lease) = await OwnLimiter.AcquireAsync(limiter, maxWait - clock.GetElapsedTime(startedAt), clock, call.IsSynchronous, context.CancellationToken)
                .ConfigureAwait(context.ContinueOnCapturedContext);
        }

        return entry;
    }

    /// <summary>Waits for the permit of a retry.</summary>
    /// <returns>The outcome of the call if no attempt follows; otherwise <see langword="null"/>.</returns>
    public static async ValueTask<Outcome<TResult>?> WaitAsync<TResult>(Outcome<TResult> outcome, Call<TResult> call)
    {
        var entry = await EnterAsync(call).ConfigureAwait(call.Context.ContinueOnCapturedContext);
        if (entry.IsEntered && CircuitStep.AllowsRetry(call)) // the circuit may have opened meanwhile
        {
            return null;
        }

        EndLease(call);
        if (call.Settings.CountsAttempts)
        {
            CircuitStep.GiveBack(call);
        }

        if (entry is not ({ How: RateLimitAdmission.Cancelled } or { Fault: not null }))
        {
            return outcome;
        }

        await outcome.DiscardAsync(call.IsSynchronous).ConfigureAwait(call.Context.ContinueOnCapturedContext);
        return entry.Fault is { } fault ? Outcome.FromException<TResult>(fault) : call.Outcome.Cancel<TResult>();
    }

    /// <summary>Ends the lease of an attempt, and pauses all others if its answer asks for that.</summary>
    public static void EndAttempt<TResult>(Outcome<TResult> outcome, Call<TResult> call)
    {
        EndLease(call);
        if (call.Settings.CoolsDown
            && CoolDown.Of(outcome, call.Context, call.Pipeline.Clock, call.Settings.Options.RateLimit.MaxCoolDown) is { } time)
        {
            call.Partition.Rate.CoolDown(time);
        }
    }

    public static RateLimitSnapshot Read(RateLimit rate, RateLimitOptions options)
    {
        var own = rate.Read();
        return options.Limiter is not { } limiter || OwnLimiter.StatisticsOf(limiter) is not { } statistics ? own : new()
        {
            Available = statistics.CurrentAvailablePermits,
            Waiting = own.Waiting + statistics.CurrentQueuedCount,
            CoolDownUntil = own.CoolDownUntil,
        };
    }

    // A permit that comes when the time is over is of no use.
    private static TimeSpan MaxWait(TimeSpan maxWait, TimeSpan? left) => left <= maxWait ? left.Value - TimeSpan.FromTicks(1) : maxWait;

    private static void EndLease(Call call)
    {
        if (call.Lease is { } lease)
        {
            call.Lease = null;
            lease.Dispose();
        }
    }
}
