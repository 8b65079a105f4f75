namespace Resilience.Polly.Benchmarks;

internal static class LookupGoal
{
    public static async Task<GoalTable> MeasureAsync(Plan plan)
    {
        var lookups = new Lookups();
        var series = await Alternation.RunAsync(
            plan,
            Contender.Of("ours", Lookups.LookupsPerCall, lookups.Named_GetPipeline),
            Contender.Of("Polly's", Lookups.LookupsPerCall, lookups.Polly_GetPipeline));
        return new(
            "lookup",
            "`GetPipeline(name)`",
            "A pipeline that is in use, had again by its name from `ResiliencePipelineProvider<string>`; the rival is the provider of Polly's `AddResiliencePipeline`.",
            [GoalRow.Time("time", series[0], series[1], Bound.AtMostTimes(1.1))]);
    }
}
