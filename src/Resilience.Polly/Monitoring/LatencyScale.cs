namespace Resilience.Polly;

/// <summary>Turns differences of a clock's timestamps into the units of <see cref="LatencyBuckets"/> without dividing: once per call, a division is dear.</summary>
internal readonly struct LatencyScale(TimeProvider clock)
{
    // Units per timestamp, in parts of 2^64. A clock with less than one timestamp a unit has none that fits, and whole units per timestamp instead.
    private readonly ulong _unitsPerTimestamp = PerTimestamp(clock) < 1 ? (ulong)(PerTimestamp(clock) * Math.Pow(2, 64)) : 0;
    private readonly double _coarse = PerTimestamp(clock);

    public ulong UnitsOf(long timestamps) =>
        timestamps <= 0 ? 0
        : _unitsPerTimestamp > 0 ? Math.BigMul((ulong)timestamps, _unitsPerTimestamp, out _)
        : (ulong)(timestamps * _coarse);

    private static double PerTimestamp(TimeProvider clock) =>
        (double)TimeSpan.TicksPerSecond / clock.TimestampFrequency / LatencyBuckets.UnitTicks;
}
