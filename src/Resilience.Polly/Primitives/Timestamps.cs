namespace Resilience.Polly.Primitives;

/// <summary>Durations in the unit of a clock's timestamps.</summary>
internal static class Timestamps
{
    // Converted by way of seconds, which binary fractions cannot hold exactly, some durations would be a tick short.
    public static long Ticks(this TimeProvider clock, TimeSpan duration) =>
        (long)Math.Ceiling(duration.Ticks * ((double)clock.TimestampFrequency / TimeSpan.TicksPerSecond));
}
