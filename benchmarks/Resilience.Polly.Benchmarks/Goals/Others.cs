namespace Resilience.Polly.Benchmarks;

/// <summary>Measurements without a goal, in alternating rounds, one pair of contenders after another.</summary>
internal static class Others
{
    public const string Key = "others";

    public static async IAsyncEnumerable<OtherRow> MeasureAsync(Plan plan)
    {
        foreach (var (name, ours, rival) in Pairs())
        {
            var series = await Alternation.RunAsync(plan, ours, rival);
            yield return OtherRow.Of(name, series[0], series[1]);
        }

        await foreach (var row in HttpBodiesGoal.BesidePlainAsync(plan))
        {
            yield return row;
        }

        yield return await WatchedAsync(plan);
    }

    private static IEnumerable<(string Name, Contender Ours, Contender Rival)> Pairs()
    {
        var four = new FourPatterns();
        yield return Pair("`ExecuteOutcomeAsync`", four.Named_ExecuteOutcomeAsync, four.Polly_ExecuteOutcomeAsync);

        var many = new ManyAtOnce();
        yield return (
            "1,000 at once, 20 slots",
            Contender.Of("ours", ManyAtOnce.CallsPerInvoke, many.Named_many),
            Contender.Of("Polly's", ManyAtOnce.CallsPerInvoke, many.Polly_many));

        var retries = new Retries();
        yield return Pair("succeeds at the second attempt", retries.Named_second, retries.Polly_second);

        var rejections = new Rejections();
        yield return Pair("bulkhead full: thrown, mapped", rejections.Named_thrown, rejections.Polly_thrown);

        foreach (var waiters in new[] { 1, 8, 64 })
        {
            var bulkheads = new Bulkheads { Waiters = waiters };
            yield return (
                $"one slot, {waiters} in line",
                Contender.Of("ours", Bulkheads.CallsPerInvoke, bulkheads.Named_in_line),
                Contender.Of("Polly's", Bulkheads.CallsPerInvoke, bulkheads.Polly_in_line));
        }

        var lookups = new Lookups();
        yield return Pair("resolved from the services by its key", () => lookups.Named_keyed() is null ? 0 : 1, () => lookups.Polly_keyed() is null ? 0 : 1);
    }

    // Last, and alone: while a meter listens, other calls are slower too.
    private static async Task<OtherRow> WatchedAsync(Plan plan)
    {
        var watched = new Watched();
        watched.SetUp();
        var series = await Alternation.BesidePollyAsync(plan, watched.Named_watched, watched.Polly_watched);
        watched.CleanUp();
        return OtherRow.Of("with a meter, and a listener or telemetry", series[0], series[1]);
    }

    private static (string Name, Contender Ours, Contender Rival) Pair(string name, Func<ValueTask<int>> ours, Func<ValueTask<int>> rival) =>
        (name, Contender.Of("ours", ours), Contender.Of("Polly's", rival));

    private static (string Name, Contender Ours, Contender Rival) Pair(string name, Func<int> ours, Func<int> rival) =>
        (name, Contender.Of("ours", 1, ours), Contender.Of("Polly's", 1, rival));
}
