namespace Resilience.Polly;

/// <summary>How long calls took in the last minute, from start to end with all attempts and waits. It leaves out calls that were rejected or made no attempt.</summary>
/// <remarks>The values come from a histogram whose buckets widen with the value. They are off by at most an eighth or 16 microseconds, up to 15 minutes.</remarks>
public sealed class LatencySnapshot
{
    internal static readonly LatencySnapshot None = new();

    /// <summary>The measured calls.</summary>
    public long Count { get; init; }

    /// <summary>Half of the calls took no longer; zero if there are none.</summary>
    public TimeSpan P50 { get; init; }

    /// <summary>95 of 100 calls took no longer; zero if there are none.</summary>
    public TimeSpan P95 { get; init; }

    /// <summary>99 of 100 calls took no longer; zero if there are none.</summary>
    public TimeSpan P99 { get; init; }
}
