namespace Resilience.Polly.RateLimits;

/// <summary>How fast permits come back, and how many can be available at once.</summary>
/// <param name="Permits">Permits that come back in <paramref name="Per"/>.</param>
/// <param name="Per">A time in ticks of <see cref="TimeSpan"/>.</param>
/// <param name="Burst">The most available permits.</param>
internal readonly record struct PermitRate(long Permits, long Per, long Burst)
{
    public static PermitRate Of(int permits, RateLimitOptions options) => new(permits, options.Per.Ticks, options.Burst ?? permits);
}

/// <summary>A token bucket as a value: each change is a pure function of the bucket and the time.</summary>
/// <remarks>
/// All numbers are whole, so rounding loses nothing. One tick of time adds <see cref="PermitRate.Permits"/> to the credit, and one permit costs
/// <see cref="PermitRate.Per"/> of it. The largest credit within the ranges of the settings is 10^6 permits x 8.64 x 10^11 ticks, a tenth of the range of a long.
/// </remarks>
/// <param name="Rate">How fast it fills, and how far.</param>
/// <param name="Credit">The current credit.</param>
/// <param name="At">The time, in ticks, up to which the credit is counted.</param>
internal readonly record struct TokenBucket(PermitRate Rate, long Credit, long At)
{
    public long Available => Credit / Rate.Per;

    public bool IsFull => Credit == Rate.Burst * Rate.Per;

    public static TokenBucket Full(PermitRate rate, long now) => new(rate, rate.Burst * rate.Per, now);

    /// <summary>The bucket at a later time. Time never goes back.</summary>
    public TokenBucket Refill(long now)
    {
        if (now <= At)
        {
            return this;
        }

        var full = Rate.Burst * Rate.Per;
        var elapsed = now - At;
        return this with { At = now, Credit = elapsed >= TimeFor(full - Credit) ? full : Credit + (elapsed * Rate.Permits) };
    }

    /// <summary>The bucket with one permit less, or <see langword="null"/> if there is none.</summary>
    public TokenBucket? Take() => Credit >= Rate.Per ? this with { Credit = Credit - Rate.Per } : null;

    /// <summary>When the last of a number of permits is available, if each is taken as it comes.</summary>
    public long ReadyAt(long permits) => permits * Rate.Per is var cost && cost <= Credit ? At : At + TimeFor(cost - Credit);

    /// <summary>The bucket under another rate. It keeps its permits, up to the new burst: a change gives no new burst.</summary>
    public TokenBucket ChangeTo(PermitRate rate) =>
        new(rate, (long)Int128.Min((Int128)Credit * rate.Per / Rate.Per, rate.Burst * rate.Per), At);

    private long TimeFor(long credit) => (credit / Rate.Permits) + (credit % Rate.Permits == 0 ? 0 : 1);
}
