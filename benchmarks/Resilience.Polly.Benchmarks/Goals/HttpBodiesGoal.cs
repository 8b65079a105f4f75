namespace Resilience.Polly.Benchmarks;

internal static class HttpBodiesGoal
{
    private static readonly (string Name, int Version, int Bytes)[] Small = [("POST of 1 KB, 16 at once", 1, 1_024), ("GET over HTTP/2, 16 at once", 2, 0)];

    /// <summary>Measurements without a goal: the small requests, compared with a plain client.</summary>
    public static async IAsyncEnumerable<OtherRow> BesidePlainAsync(Plan plan)
    {
        foreach (var (name, version, bytes) in Small)
        {
            var (ours, plain, _) = await RunAsync(plan, version, bytes, 16);
            yield return OtherRow.Of($"{name}, beside plain `HttpClient`", ours, plain);
        }
    }

    public static async Task<GoalTable> MeasureAsync(Plan plan)
    {
        var rows = new List<GoalRow>();
        var (ours, plain, standard) = await RunAsync(plan with { Rounds = 3 * plan.Rounds }, 1, 1_000_000, 1);
        rows.Add(GoalRow.Time("POST of 1 MB, one at a time: time beside plain", ours, plain, Bound.AtMostTimes(1.04)));
        foreach (var (name, version, bytes) in Small)
        {
            (ours, plain, standard) = await RunAsync(plan, version, bytes, 16);
            rows.Add(GoalRow.Time($"{name}: time beside standard", ours, standard, Bound.BelowTimes(1.0)));
            var more = Math.Round(ours.Bytes - plain.Bytes);
            rows.Add(new($"{name}: allocated beyond plain", null, more, Math.Round(standard.Bytes - plain.Bytes), Unit.Bytes, Bound.AtMost(2_048)));
        }

        return new(
            "http-bodies",
            "HTTP with bodies, and HTTP/2",
            "`AddResilience` in the same setup, for requests with a body, and over HTTP/2 without TLS. For the large body each client changes its connection 20 times a second, " +
            "since the system tunes each connection separately.",
            rows);
    }

    private static async Task<(Series Ours, Series Plain, Series Standard)> RunAsync(Plan plan, int version, int bytes, int concurrent)
    {
        await using var bodies = new HttpBodies(version, bytes, concurrent);
        var series = await Alternation.RunAsync(plan, await bodies.StartAsync());
        return (series[0], series[1], series[2]);
    }
}
