namespace Resilience.Polly.Statistics;

/// <summary>Turns differences of a clock's timestamps into the units of <see cref="LatencyBuckets"/> without dividing: once per call, a division is dear.</summary>
internal readonly struct LatencyScale(TimeProvider clock)
{
    private readonly double _unitsPerTimestamp = (double)TimeSpan.TicksPerSecond / clock.TimestampFrequency / LatencyBuckets.UnitTicks;

    public ulong UnitsOf(long timestamps) => timestamps <= 0 ? 0 : (ulong)(timestamps * _unitsPerTimestamp);
}
