namespace Resilience.Polly.Benchmarks;

internal static class HttpGoal
{
    public static async Task<GoalTable> MeasureAsync(Plan plan)
    {
        var rows = new List<GoalRow>();
        foreach (var concurrent in new[] { 1, 16 })
        {
            var gets = new HttpGet { Concurrent = concurrent };
            await gets.SetUpAsync();
            var calls = HttpGet.CallsPerTask * concurrent;
            var series = await Alternation.RunAsync(
                plan,
                Contender.Of("AddResilience", calls, gets.AddResilience),
                Contender.Of("ResilientClient", calls, gets.ResilientClient),
                Contender.Of("plain HttpClient", calls, gets.Plain_HttpClient),
                Contender.Of("AddStandardResilienceHandler", calls, gets.AddStandardResilienceHandler));
            await gets.CleanUpAsync();
            var (plain, standard) = (series[2], series[3]);
            foreach (var ours in series[..2])
            {
                var name = $"`{ours.Name}`, {concurrent} at once";
                rows.Add(GoalRow.Time($"{name}: time beside plain", ours, plain, Bound.AtMostTimes(1.15)));
                rows.Add(GoalRow.Time($"{name}: time beside standard", ours, standard, Bound.BelowTimes(1.0)));
                var more = Math.Round(ours.Bytes - plain.Bytes);
                rows.Add(new($"{name}: allocated beyond plain", null, more, Math.Round(standard.Bytes - plain.Bytes), Unit.Bytes, Bound.AtMost(2_048)));
            }
        }

        return new(
            "http",
            "HTTP GET",
            "A GET of five bytes from Kestrel over loopback, server and client in one process, one call after another and sixteen at once. \"plain\" is `HttpClient` alone, " +
            "\"standard\" is `AddStandardResilienceHandler` of Microsoft.Extensions.Http.Resilience. The name of a row names its rival. In rows on bytes allocated beyond plain, " +
            "the rival is the standard handler.",
            rows);
    }
}
