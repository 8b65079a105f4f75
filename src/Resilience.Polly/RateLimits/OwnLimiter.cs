using System.Threading.RateLimiting;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.RateLimits;

/// <summary>Asks a limiter of the application for permits.</summary>
internal static class OwnLimiter
{
    /// <summary>A permit that is there at once; <see langword="null"/> where none is.</summary>
    /// <remarks>What the limiter throws is left to <see cref="AcquireAsync"/>, which asks it again.</remarks>
    public static RateLimitLease? TryAcquire(RateLimiter limiter)
    {
        try
        {
            var lease = limiter.AttemptAcquire();
            if (lease.IsAcquired)
            {
                return lease;
            }

            lease.Dispose();
        }
#pragma warning disable CA1031 // see above
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        return null;
    }

    /// <summary>What the limiter tells of itself; <see langword="null"/> where it tells nothing, or fails: a snapshot goes on without it.</summary>
    public static RateLimiterStatistics? StatisticsOf(RateLimiter limiter)
    {
        try
        {
            return limiter.GetStatistics();
        }
#pragma warning disable CA1031 // see above
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    /// <summary>Waits for a permit. The limiter has a clock of its own, and knows nothing of the time that an attempt may wait.</summary>
    /// <param name="limiter">The limiter.</param>
    /// <param name="maxWait">How long the attempt may wait.</param>
    /// <param name="clock">The clock of the pipeline.</param>
    /// <param name="isSynchronous">Whether the wait blocks the caller's thread.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How it fared, with the lease where it has one.</returns>
    public static async ValueTask<(RateLimitEntry Entry, RateLimitLease? Lease)> AcquireAsync(
        RateLimiter limiter, TimeSpan maxWait, TimeProvider clock, bool isSynchronous, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // Without time to wait only what is there counts, which is also how a limiter tells when to come back.
            var asked = maxWait <= TimeSpan.Zero ? Task.FromResult(limiter.AttemptAcquire()) : limiter.AcquireAsync(1, giveUp.Token).AsTask();
            if (isSynchronous)
            {
                BlockingWait.Until(Task.WhenAny(asked), maxWait, clock, cancellationToken);
            }
            else if (!asked.IsCompleted)
            {
                await ((Task)asked).WaitAsync(maxWait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (!asked.IsCompleted)
            {
                giveUp.Cancel(); // here and now: a synchronous call keeps its thread
            }

            if (!asked.IsCompleted || asked.IsCanceled)
            {
                _ = DisposeLateAsync(asked); // a limiter that heeds no token may still give one
                return (cancellationToken.IsCancellationRequested ? RateLimitEntry.Cancelled : new(RateLimitAdmission.Denied), null);
            }

            var lease = asked.GetAwaiter().GetResult(); // has ended
            if (lease.IsAcquired)
            {
                return (RateLimitEntry.Entered, lease);
            }

            using (lease)
            {
                return (new(RateLimitAdmission.Denied, lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : null), null);
            }
        }
#pragma warning disable CA1031 // a limiter that fails must not keep a slot or a permit of the circuit: its caller gets the fault
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return (new(RateLimitAdmission.Faulted, Fault: fault), null);
        }
    }

    private static async Task DisposeLateAsync(Task<RateLimitLease> asked)
    {
        await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (asked.IsCompletedSuccessfully)
        {
            (await asked.ConfigureAwait(false)).Dispose();
        }
    }
}
