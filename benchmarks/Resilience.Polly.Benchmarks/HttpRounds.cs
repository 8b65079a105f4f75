using System.Diagnostics;

namespace Resilience.Polly.Benchmarks;

/// <summary>
/// The calls of <see cref="HttpGet"/> in turn, a short round of each, again and again. A machine whose speed drifts makes each
/// of them slower alike within a round, so the ratios of a round hold where times measured one after another do not.
/// </summary>
internal static class HttpRounds
{
    private const int Rounds = 41;
    private const int CallsPerRound = 1600;

    public static async Task RunAsync()
    {
        foreach (var concurrent in new[] { 1, 16 })
        {
            var benchmark = new HttpGet { Concurrent = concurrent };
            await benchmark.SetUpAsync();
            (string Name, Func<Task> Calls)[] ways =
            [
                ("plain HttpClient", benchmark.Plain_HttpClient),
                ("phase timeouts only", benchmark.Phase_timeouts_only),
                ("AddResilience", benchmark.AddResilience),
                ("ResilientClient", benchmark.ResilientClient),
                ("AddStandardResilienceHandler", benchmark.AddStandardResilienceHandler),
            ];
            var times = ways.Select(_ => new List<double>()).ToArray();
            for (var round = -5; round < Rounds; round++) // the first few to get warm
            {
                for (var turn = 0; turn < ways.Length; turn++)
                {
                    var way = (turn + round + 5) % ways.Length;
                    var began = Stopwatch.GetTimestamp();
                    for (var calls = 0; calls < CallsPerRound; calls += HttpGet.CallsPerTask * concurrent)
                    {
                        await ways[way].Calls();
                    }

                    if (round >= 0)
                    {
                        times[way].Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds / CallsPerRound);
                    }
                }
            }

            Console.WriteLine($"{concurrent} at once, medians of {Rounds} rounds of {CallsPerRound} calls");
            for (var way = 0; way < ways.Length; way++)
            {
                Console.WriteLine(
                    $"  {ways[way].Name,-30} {Median(times[way]),6:0.0} us   {Ratio(times[way], times[0]):0.00} x plain   {Ratio(times[way], times[^1]):0.00} x AddStandardResilienceHandler");
            }

            await benchmark.CleanUpAsync();
        }
    }

    private static double Ratio(List<double> times, List<double> others) => Median([.. times.Zip(others, (time, other) => time / other)]);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
