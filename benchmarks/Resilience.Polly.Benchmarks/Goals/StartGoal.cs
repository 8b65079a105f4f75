namespace Resilience.Polly.Benchmarks;

internal static class StartGoal
{
    private const double Millisecond = 1_000_000;
    private const int MiB = 1_024 * 1_024;

    private static readonly int[] Counts = [1, 100, 1_000];

    public static async Task<GoalTable> MeasureAsync(Plan plan)
    {
        var rows = new List<GoalRow>();
        foreach (var count in Counts)
        {
            rows.AddRange(await MeasureAsync(plan, count));
        }

        return new(
            "start",
            "Start and reload, by the number of pipelines",
            "A host whose `appsettings.json` has so many pipelines, each measurement in a process of its own, in turn: until the host has started; until every pipeline had been asked for by its name too; " +
            "and until a change of the file, in one pipeline, is in force. Bytes are all that was allocated meanwhile, reading the file included. " +
            "The rival are as many of Polly's four in its registry, which follow the file, and whose settings are read by `GetValue`; it looks at them when a pipeline is asked for, and ours at the start.",
            rows);
    }

    private static async Task<IEnumerable<GoalRow>> MeasureAsync(Plan plan, int count)
    {
        var ours = new List<StartCost>();
        var rivals = new List<StartCost>();
        for (var i = 0; i < plan.Repetitions; i++)
        {
            ours.Add(await Starts.MeasureAsync(Starts.Ours, count));
            rivals.Add(await Starts.MeasureAsync(Starts.Rival, count));
        }

        return
        [
            Row("host started", cost => cost.Started, Unit.Nanoseconds, Bound.AtMostTimes(3)),
            Row("all asked for", cost => cost.Had, Unit.Nanoseconds, Bound.AtMostTimes(3)),
            Row("bytes of that", cost => cost.Bytes, Unit.Bytes, Bound.AtMostTimes(3)),
            Row("reload", cost => cost.Reload, Unit.Nanoseconds, Bound.AtMost(300 * Millisecond)),
            Row("bytes of that reload", cost => cost.ReloadBytes, Unit.Bytes, Bound.AtMost(10 * MiB)),
        ];

        GoalRow Row(string name, Func<StartCost, double> part, Unit unit, Bound bound) => new(
            $"{count:#,0} {(count == 1 ? "pipeline" : "pipelines")}: {name}",
            Spread.Of([.. ours.Zip(rivals, (our, rival) => part(our) / part(rival))]),
            Quantiles.Median([.. ours.Select(part)]),
            Quantiles.Median([.. rivals.Select(part)]),
            unit,
            bound);
    }
}
