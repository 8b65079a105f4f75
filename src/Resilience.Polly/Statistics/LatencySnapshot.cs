namespace Resilience.Polly;

/// <summary>How long calls took in the last minute, from their entry to their end with all attempts and waits. Calls that were rejected or that never got to an attempt are left out.</summary>
/// <remarks>Values are read from a histogram whose steps grow with the value: they are off by an eighth or 16 microseconds at most, up to 15 minutes.</remarks>
public sealed class LatencySnapshot
{
    internal static readonly LatencySnapshot None = new();

    /// <summary>The calls that were measured.</summary>
    public long Count { get; init; }

    /// <summary>Half of the calls took no longer; zero where there are none.</summary>
    public TimeSpan P50 { get; init; }

    /// <summary>95 of 100 calls took no longer; zero where there are none.</summary>
    public TimeSpan P95 { get; init; }

    /// <summary>99 of 100 calls took no longer; zero where there are none.</summary>
    public TimeSpan P99 { get; init; }
}
