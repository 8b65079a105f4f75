namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>Calls per second between two samples of a pipeline.</summary>
internal readonly record struct CallRates(double Calls, double Failed, double Rejected)
{
    public static CallRates Between(CallCounts before, CallCounts now, TimeSpan elapsed)
    {
        return elapsed <= TimeSpan.Zero ? default : new(PerSecond(now.Total - before.Total), PerSecond(FailedOf(now) - FailedOf(before)), PerSecond(RejectedOf(now) - RejectedOf(before)));

        double PerSecond(long count) => Math.Round(count / elapsed.TotalSeconds, 2);
    }

    /// <summary>The calls that failed or were rejected.</summary>
    public static long LostOf(CallCounts counts) => FailedOf(counts) + RejectedOf(counts);

    private static long FailedOf(CallCounts counts) => counts.Failed + counts.TimedOut;

    private static long RejectedOf(CallCounts counts) => counts.CircuitOpen + counts.BulkheadFull + counts.Shed + counts.RateLimited;
}
