namespace Resilience.Polly.Benchmarks;

internal static class TwoThreadsGoal
{
    private const double EnoughOverlap = 0.8;
    private const int MostTries = 40;

    public static Task<GoalTable> MeasureAsync(Plan plan)
    {
        var (ours, rival) = (NamedPipelines.Four(), PollyPipelines.Four());
        Tandem.Run(ours, plan.WarmUp);
        Tandem.Run(rival, plan.WarmUp);
        Tandem.Run(ours, plan.WarmUp / 4);

        var rates = new List<(double Ours, double Rival)>();
        var tries = 0;
        while (rates.Count < plan.Rounds && tries < plan.Rounds * MostTries)
        {
            tries++;
            var a = Tandem.Run(ours, plan.Round);
            var b = Tandem.Run(rival, plan.Round);
            if (Math.Min(a.Overlap, b.Overlap) >= EnoughOverlap)
            {
                rates.Add((a.CallsPerSecond, b.CallsPerSecond));
            }
        }

        GoalRow[] rows = rates.Count == 0 ? [] :
        [
            new(
                "calls per second",
                Spread.Of([.. rates.Select(rate => rate.Ours / rate.Rival)]),
                Quantiles.Median([.. rates.Select(rate => rate.Ours)]),
                Quantiles.Median([.. rates.Select(rate => rate.Rival)]),
                Unit.CallsPerSecond,
                Bound.AtLeastTimes(2.3)),
        ];
        return Task.FromResult(new GoalTable(
            "two-threads",
            "Two threads on one pipeline",
            $"Synchronous calls of two threads at once, each as fast as it can, both through one pipeline. In {rates.Count} of {tries} rounds each thread had its own core nearly all the time. Only these rounds count: " +
            "in the others the threads took turns and did not compete. If no round counts, there is no row.",
            rows));
    }
}
