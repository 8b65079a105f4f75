namespace Resilience.Polly.Primitives;

/// <summary>Durations in the unit of a clock's timestamps.</summary>
internal static class Timestamps
{
    // By way of seconds, which no binary fraction holds exactly, some durations would come out a tick short.
    public static long Ticks(this TimeProvider clock, TimeSpan duration) =>
        (long)Math.Ceiling(duration.Ticks * ((double)clock.TimestampFrequency / TimeSpan.TicksPerSecond));
}
