namespace Resilience.Polly.Benchmarks;

internal static class ManyPipelinesGoal
{
    private const int KiB = 1_024;

    public static async Task<GoalTable> MeasureAsync(Plan plan)
    {
        var ours = new List<Footprint>();
        var rivals = new List<Footprint>();
        for (var i = 0; i < plan.Repetitions; i++)
        {
            ours.Add(await ManyPipelines.MeasureAsync(ManyPipelines.RegisterOurs));
            rivals.Add(await ManyPipelines.MeasureAsync(ManyPipelines.RegisterPollys));
        }

        return new(
            "many-pipelines",
            $"{ManyPipelines.Count:#,0} pipelines",
            $"Memory that is kept for each of {ManyPipelines.Count:#,0} pipelines: registered, had by `GetPipeline`, and after a call in each twelfth of a minute, which fills the statistics; " +
            "and the time from asking for a pipeline by name to the end of its first call. The rival are as many of Polly's four in its registry.",
            [
                Row("registered", footprint => footprint.Registered, Unit.Bytes, 4 * KiB),
                Row("before the first call", footprint => footprint.Had, Unit.Bytes, 4 * KiB),
                Row("in use", footprint => footprint.InUse, Unit.Bytes, 16 * KiB),
                Row("first use", footprint => footprint.FirstUse, Unit.Nanoseconds, 50_000),
            ]);

        GoalRow Row(string name, Func<Footprint, double> part, Unit unit, double atMost)
        {
            var ratio = Spread.Of([.. ours.Zip(rivals, (our, rival) => part(our) / part(rival))]);
            return new(name, ratio, Quantiles.Median([.. ours.Select(part)]), Quantiles.Median([.. rivals.Select(part)]), unit, Bound.AtMost(atMost));
        }
    }
}
