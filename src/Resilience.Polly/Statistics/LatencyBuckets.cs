using System.Numerics;

namespace Resilience.Polly.Statistics;

/// <summary>
/// The buckets of a histogram of durations, as pure functions: eight of 16 microseconds each, then eight for every doubling.
/// So a bucket is never wider than an eighth of its values. The last one holds everything from 15 minutes on.
/// </summary>
internal static class LatencyBuckets
{
    public const int Count = (Doublings + 1) << Precision;

    /// <summary>The width of the narrowest bucket, in ticks of a <see cref="TimeSpan"/>: 16 microseconds.</summary>
    public const long UnitTicks = 160;

    private const int Precision = 3;
    private const int Doublings = 23;
    private const int StepsAtFirst = 1 << Precision;

    /// <param name="units">A duration in units of <see cref="UnitTicks"/>.</param>
    public static int IndexOf(ulong units)
    {
        if (units < StepsAtFirst)
        {
            return (int)units;
        }

        var doubling = BitOperations.Log2(units) - Precision;
        var step = (int)(units >> doubling) - StepsAtFirst;
        return Math.Min(((doubling + 1) << Precision) + step, Count - 1);
    }

    /// <summary>The shortest duration in the bucket; for the number after the last bucket, the end of the last one.</summary>
    public static TimeSpan StartOf(int index)
    {
        var doubling = (index >> Precision) - 1;
        var step = index & (StepsAtFirst - 1);
        return new(UnitTicks * (doubling < 0 ? step : (long)(StepsAtFirst + step) << doubling));
    }

    public static LatencySnapshot Read(ReadOnlySpan<long> buckets)
    {
        var count = CallCounters.Sum(buckets);
        return new()
        {
            Count = count,
            P50 = Percentile(buckets, count, 0.50),
            P95 = Percentile(buckets, count, 0.95),
            P99 = Percentile(buckets, count, 0.99),
        };
    }

    /// <summary>The duration that the given share of all durations did not exceed. The durations in a bucket are assumed to be spread evenly.</summary>
    private static TimeSpan Percentile(ReadOnlySpan<long> buckets, long count, double share)
    {
        var rank = (long)Math.Ceiling(share * count);
        for (var index = 0; index < buckets.Length && rank > 0; index++)
        {
            if (buckets[index] >= rank)
            {
                var (from, to) = (StartOf(index), StartOf(index + 1));
                return from + ((to - from) * ((rank - 0.5) / buckets[index]));
            }

            rank -= buckets[index];
        }

        return TimeSpan.Zero;
    }
}
