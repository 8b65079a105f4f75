namespace Resilience.Polly.Retries;

/// <summary>The wait before a retry, as a pure function (guide: "Exponential Backoff Strategy").</summary>
internal static class RetryDelay
{
    /// <summary>The wait before attempt <paramref name="next"/> (2 or more), or <see langword="null"/> when that attempt is not worth waiting for.</summary>
    /// <param name="next">The number of the attempt that would follow.</param>
    /// <param name="options">The settings of the call.</param>
    /// <param name="random">A number of 0 (included) to 1 (excluded).</param>
    /// <param name="retryAfter">The wait that the server asked for; it lengthens the wait and never shortens it.</param>
    /// <param name="left">The rest of the total timeout. A wait beyond it would only hide the failure behind a timeout.</param>
    /// <param name="given">What the application gives in place of the backoff, which <see cref="RetryOptions.MaxWait"/> bounds as it bounds what the server asks for.</param>
    public static TimeSpan? Before(int next, RetryOptions options, double random, TimeSpan? retryAfter, TimeSpan? left, TimeSpan? given = null)
    {
        if (retryAfter > options.MaxWait || given > options.MaxWait)
        {
            return null;
        }

        var wait = given ?? Backoff(next, options, random);
        if (retryAfter > wait)
        {
            wait = retryAfter.Value;
        }

        return wait >= left ? null : wait;
    }

    /// <summary>The wait without the server's <c>Retry-After</c>.</summary>
    public static TimeSpan Backoff(int next, RetryOptions options, double random)
    {
        // In floating point, since MinWait x Multiplier^(n-2) exceeds the range of TimeSpan long before that of double.
        double max = options.MaxWait.Ticks;
        var wait = Math.Min(options.MinWait.Ticks * Math.Pow(options.Multiplier, next - 2), max);
        return options.Jitter
            ? TimeSpan.FromTicks((long)Math.Min(wait + (wait * random), max))
            : TimeSpan.FromTicks((long)wait);
    }
}
