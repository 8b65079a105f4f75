namespace Resilience.Polly;

/// <summary>The rate limit of a pipeline.</summary>
public sealed class RateLimitSnapshot
{
    /// <summary>Attempts that could begin now; <see langword="null"/> if only a cool-down limits them, or the limiter of the application does not say.</summary>
    public long? Available { get; init; }

    /// <summary>Attempts that wait for a permit.</summary>
    public long Waiting { get; init; }

    /// <summary>The wall-clock time until which the dependency has asked its callers to wait; <see langword="null"/> if it has not.</summary>
    public DateTimeOffset? CoolDownUntil { get; init; }
}
