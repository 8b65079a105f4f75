namespace Resilience.Polly.RateLimits;

/// <summary>The result of asking for a permit.</summary>
/// <param name="How">Whether the attempt got one, and if not, why.</param>
/// <param name="RetryAfter">When a permit would be available, if known.</param>
/// <param name="Fault">The exception of the application's limiter.</param>
internal readonly record struct RateLimitEntry(RateLimitAdmission How, TimeSpan? RetryAfter = null, Exception? Fault = null)
{
    public static readonly RateLimitEntry Entered = new(RateLimitAdmission.Entered);

    public static readonly RateLimitEntry Cancelled = new(RateLimitAdmission.Cancelled);

    public bool IsEntered => How == RateLimitAdmission.Entered;
}

internal enum RateLimitAdmission
{
    Entered,

    /// <summary>No permit comes in time.</summary>
    Spent,

    /// <summary>The dependency has asked its callers to wait longer than this attempt may.</summary>
    CoolingDown,

    /// <summary>The limiter of the application gave none.</summary>
    Denied,

    /// <summary>The limiter of the application failed.</summary>
    Faulted,

    /// <summary>The caller cancelled, or the time of the call was over.</summary>
    Cancelled,
}
