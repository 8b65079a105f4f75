namespace Resilience.Polly.Benchmarks;

internal static class FourPatternsGoals
{
    public static async Task<GoalTable> SynchronousAsync(Plan plan)
    {
        var calls = new FourPatterns();
        var series = await Alternation.BesidePollyAsync(plan, calls.Named_synchronous, calls.Polly_synchronous);
        return new(
            "synchronous",
            "Four patterns, a delegate that completes synchronously",
            "A healthy `ExecuteAsync` with an `int` result.",
            [GoalRow.Time("time", series[0], series[1], Bound.AtMostTimes(0.36)), GoalRow.Bytes("allocated", series[0], series[1], Bound.AtMost(0))]);
    }

    public static async Task<GoalTable> YieldingAsync(Plan plan)
    {
        var calls = new FourPatterns();
        using var oneWorker = await OneWorker.HoldOthersAsync();
        var series = await Alternation.BesidePollyAsync(plan, calls.Named_yielding, calls.Polly_yielding);
        return new(
            "yielding",
            "Four patterns, a delegate that yields",
            "The same with a delegate that continues later (`Task.Yield`). The thread pool has one worker: with two, chance decides whether a call moves to another core, which doubles its time. Bytes are those of the whole call, including the delegate.",
            [GoalRow.Time("time", series[0], series[1], Bound.AtMostTimes(0.36)), GoalRow.Bytes("allocated", series[0], series[1], Bound.AtMost(420))]);
    }
}
