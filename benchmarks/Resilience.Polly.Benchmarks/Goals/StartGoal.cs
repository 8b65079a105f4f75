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
            "A host whose `appsettings.json` has this number of pipelines. Each measurement has its own process, ours and the rival's in turn. They measure the time until the host has started, until every pipeline was also got by its name, " +
            "and until a change of one pipeline in the file is in force. Bytes are all that was allocated meanwhile, including for reading the file. " +
            "The rival is the same number of pipelines with Polly's four strategies in its registry. They follow the file and read their settings with `GetValue`: Polly reads them when a pipeline is got, this library at the start.",
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
            Row("all got by name", cost => cost.Had, Unit.Nanoseconds, Bound.AtMostTimes(3)),
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
