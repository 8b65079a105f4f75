namespace Resilience.Polly;

/// <summary>The permits of a pipeline whose rate is limited.</summary>
public sealed class RateLimitSnapshot
{
    /// <summary>Attempts that could begin at once; <see langword="null"/> where only a cool-down limits them, or the limiter of the application does not tell.</summary>
    public long? Available { get; init; }

    /// <summary>Attempts that wait for a permit.</summary>
    public long Waiting { get; init; }

    /// <summary>Until when, by the wall clock, the dependency has asked its callers to wait; <see langword="null"/> where it has not.</summary>
    public DateTimeOffset? CoolDownUntil { get; init; }
}
