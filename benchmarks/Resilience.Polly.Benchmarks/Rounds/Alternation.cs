using System.Diagnostics;

namespace Resilience.Polly.Benchmarks;

/// <summary>
/// Contenders in turn, a short round of each, again and again. A machine whose speed drifts makes each of them slower alike
/// within a round, so the ratios of a round hold where times measured one after another do not.
/// </summary>
internal static class Alternation
{
    private const int WarmUps = 4;

    /// <summary>A call of ours and the same one of the rival.</summary>
    public static Task<Series[]> BesidePollyAsync(Plan plan, Func<ValueTask<int>> ours, Func<ValueTask<int>> pollys) =>
        RunAsync(plan, Contender.Of("ours", ours), Contender.Of("Polly's", pollys));

    public static async Task<Series[]> RunAsync(Plan plan, params Contender[] contenders)
    {
        var times = new int[contenders.Length];
        for (var warmUp = 0; warmUp < WarmUps; warmUp++) // in turn too, since they share code that the runtime tunes
        {
            for (var i = 0; i < contenders.Length; i++)
            {
                times[i] = await WarmAsync(contenders[i], plan);
            }
        }

        Series[] series = [.. contenders.Select(contender => new Series(contender.Name))];
        for (var round = 0; round < plan.Rounds; round++)
        {
            for (var turn = 0; turn < contenders.Length; turn++)
            {
                var which = (turn + round) % contenders.Length;
                await MeasureAsync(contenders[which], times[which], series[which]);
            }
        }

        return series;
    }

    /// <returns>How often to invoke it for a round.</returns>
    private static async Task<int> WarmAsync(Contender contender, Plan plan)
    {
        var times = 1;
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var mark = Stopwatch.GetTimestamp();
            await contender.InvokeAsync(times);
            times = Math.Max(1, (int)(times * Math.Min(2, plan.Round / Stopwatch.GetElapsedTime(mark))));
            if (Stopwatch.GetElapsedTime(began) > plan.WarmUp / WarmUps)
            {
                return times;
            }
        }
    }

    private static async Task MeasureAsync(Contender contender, int times, Series series)
    {
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var began = Stopwatch.GetTimestamp();
        await contender.InvokeAsync(times);
        var elapsed = Stopwatch.GetElapsedTime(began);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        var calls = (double)times * contender.CallsPerInvoke;
        series.Add(elapsed.TotalNanoseconds / calls, bytes / calls);
    }
}
