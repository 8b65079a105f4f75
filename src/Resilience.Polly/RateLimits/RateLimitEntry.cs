namespace Resilience.Polly.RateLimits;

/// <summary>How an attempt fared that asked for a permit.</summary>
/// <param name="How">Whether it has one, and if not why.</param>
/// <param name="RetryAfter">When a permit would be there, where that is known.</param>
/// <param name="Fault">What the limiter of the application threw.</param>
internal readonly record struct RateLimitEntry(RateLimitAdmission How, TimeSpan? RetryAfter = null, Exception? Fault = null)
{
    public static readonly RateLimitEntry Entered = new(RateLimitAdmission.Entered);

    public static readonly RateLimitEntry Cancelled = new(RateLimitAdmission.Cancelled);

    public bool IsEntered => How == RateLimitAdmission.Entered;
}

internal enum RateLimitAdmission
{
    /// <summary>It has its permit.</summary>
    Entered,

    /// <summary>No permit comes in time.</summary>
    Spent,

    /// <summary>The dependency has asked the callers to wait, for longer than this one may.</summary>
    CoolingDown,

    /// <summary>The limiter of the application gave none.</summary>
    Denied,

    /// <summary>The limiter of the application failed.</summary>
    Faulted,

    /// <summary>The caller gave up, or the time of the call was up.</summary>
    Cancelled,
}
