namespace Resilience.Polly.Benchmarks;

internal static class PartitionsGoal
{
    public static async Task<GoalTable> MeasureAsync(Plan plan)
    {
        var calls = new Partitions();
        var series = await Alternation.RunAsync(plan, Contender.Of("with partitions", calls.With), Contender.Of("without", calls.Without));
        var (with, without) = (series[0], series[1]);
        return new(
            "partitions",
            "Partitions",
            "A healthy call with the key of one of ten hosts, in a pipeline with partitions, beside the same call in a pipeline without. The rows show the difference.",
            [
                new("time for the partition", null, with.TimeAbove(without), null, Unit.Nanoseconds, Bound.AtMost(30)),
                new("allocated for the partition", null, Math.Round(with.Bytes - without.Bytes), null, Unit.Bytes, Bound.AtMost(0)),
            ]);
    }
}
