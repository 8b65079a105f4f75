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
            "Getting a pipeline that is in use by its name from `ResiliencePipelineProvider<string>`. The rival is the provider of Polly's `AddResiliencePipeline`.",
            [GoalRow.Time("time", series[0], series[1], Bound.AtMostTimes(1.1))]);
    }
}
