namespace Resilience.Polly.Benchmarks;

internal static class IdleGoal
{
    private const double Milliseconds = 1_000_000;
    private const double Megabytes = 1_000_000;

    public static async Task<GoalTable> MeasureAsync(Plan plan)
    {
        var costs = new List<IdleCost>();
        for (var i = 0; i < plan.Repetitions; i++)
        {
            costs.Add(await IdlePipelines.MeasureAsync());
        }

        return new(
            "idle",
            $"{ManyPipelines.Count:#,0} idle pipelines",
            $"The cost of {ManyPipelines.Count:#,0} pipelines that were used and have no calls now: the check of alerts each second, a snapshot of all pipelines, and a collection of the meter, " +
            "which reads 20 values of each. Polly keeps no such data, so there is no rival.",
            [
                Time("a second: time", cost => cost.Second, 5),
                Bytes("a second: allocated", cost => cost.Second, 0.5),
                Time("snapshot of all: time", cost => cost.Snapshots, 60),
                Bytes("snapshot of all: allocated", cost => cost.Snapshots, 5),
                Time("collection of the meter: time", cost => cost.Collection, 60),
                Bytes("collection of the meter: allocated", cost => cost.Collection, 0.5),
            ]);

        GoalRow Time(string name, Func<IdleCost, Cost> part, double atMost) =>
            new(name, null, Quantiles.Median([.. costs.Select(cost => part(cost).Time)]), null, Unit.Nanoseconds, Bound.AtMost(atMost * Milliseconds));

        GoalRow Bytes(string name, Func<IdleCost, Cost> part, double atMost) =>
            new(name, null, Quantiles.Median([.. costs.Select(cost => part(cost).Bytes)]), null, Unit.Bytes, Bound.AtMost(atMost * Megabytes));
    }
}
