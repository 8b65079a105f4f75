using System.Threading.RateLimiting;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.RateLimits;

/// <summary>Asks a limiter of the application for permits.</summary>
internal static class OwnLimiter
{
    /// <summary>A permit that is available at once; <see langword="null"/> if there is none.</summary>
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
        catch (Exception)
        {
            // AcquireAsync asks the limiter again and reports it.
        }

        return null;
    }

    /// <summary>The available permits; <see langword="null"/> if the limiter does not say, or throws.</summary>
    public static RateLimiterStatistics? StatisticsOf(RateLimiter limiter)
    {
        try
        {
            return limiter.GetStatistics();
        }
        catch (Exception) // a snapshot does without them
        {
            return null;
        }
    }

    /// <summary>Waits for a permit. The limiter has its own clock and does not know how long an attempt may wait.</summary>
    public static async ValueTask<(RateLimitEntry Entry, RateLimitLease? Lease)> AcquireAsync(
        RateLimiter limiter, TimeSpan maxWait, TimeProvider clock, bool isSynchronous, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // Without time to wait, only an available permit counts. A limiter also says in this way when to come back.
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
                giveUp.Cancel(); // on this thread: a synchronous call keeps its thread
            }

            if (!asked.IsCompleted || asked.IsCanceled)
            {
                _ = DisposeLateAsync(asked); // a limiter that ignores the token may still give a lease
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
        catch (Exception fault) // a limiter that throws must not keep a slot or a permit of the circuit: its caller gets the exception
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
