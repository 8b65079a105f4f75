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
            $"The memory of each of {ManyPipelines.Count:#,0} pipelines: registered, got by `GetPipeline`, and after a call in each twelfth of a minute, which fills the statistics. " +
            "First use is the time from getting a pipeline by name to the end of its first call. The rival is the same number of pipelines with Polly's four strategies in its registry.",
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
