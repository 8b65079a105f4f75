namespace Resilience.Polly.Benchmarks;

internal static class TwoThreadsGoal
{
    public static async Task<GoalTable> MeasureAsync(Plan plan)
    {
        const int calls = 2 * TwoThreads.CallsPerThread;
        var threads = new TwoThreads();
        var series = await Alternation.RunAsync(
            plan, Contender.Of("ours", calls, threads.Named_two_threads), Contender.Of("Polly's", calls, threads.Polly_two_threads));
        return new(
            "two-threads",
            "Two threads on one pipeline",
            "Synchronous calls of two threads at once, each as fast as it can, both through one pipeline.",
            [new("calls per second", series[0].TimeBeside(series[1]).Inverse(), 1e9 / series[0].Time, 1e9 / series[1].Time, Unit.CallsPerSecond, Bound.AtLeastTimes(1.8))]);
    }
}
