namespace Resilience.Polly.Primitives;

/// <summary>Durations in the unit of a clock's timestamps.</summary>
internal static class Timestamps
{
    // Every call converts its limit. The clocks of .NET have whole timestamps per tick; a division by a constant costs little.
    public static long Ticks(this TimeProvider clock, TimeSpan duration)
    {
        var frequency = clock.TimestampFrequency;
        var perTick = frequency / TimeSpan.TicksPerSecond;
        return perTick * TimeSpan.TicksPerSecond == frequency
            ? duration.Ticks * perTick
            : (long)Math.Ceiling(duration.Ticks * ((double)frequency / TimeSpan.TicksPerSecond));
    }
}
