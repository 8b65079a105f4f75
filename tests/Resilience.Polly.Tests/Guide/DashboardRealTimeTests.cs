using System.Diagnostics;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The same on the clock of the machine, where nothing else runs at the time.</summary>
[Collection(nameof(Pipelines.AllocationTests.Alone))]
public class DashboardRealTimeTests(ITestOutputHelper output)
{
    private const int Runs = 20;
    private const int Batches = 5;

    private static readonly TimeSpan Bound = Dashboard.Deadline + TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A bare timer runs beside each batch. Where that is late too, the machine was busy with something else, and the batch says nothing.
    /// </summary>
    [Fact]
    public async Task Load_three_hung_two_failing_answers_within_the_deadline_and_50_ms_twenty_times()
    {
        await LoadAsync(-1); // what is compiled at first use is no part of the answer
        for (var batch = 1; batch <= Batches; batch++)
        {
            var bare = MeasureAsync(() => Task.Delay(Dashboard.Deadline));
            var loads = await Task.WhenAll(Enumerable.Range(batch * Runs, Runs).Select(LoadAsync));
            var (longest, late) = (loads.Max(), await bare - Dashboard.Deadline);
            output.WriteLine($"{Runs} answers within {longest.TotalMilliseconds:0.0} ms; a bare timer of 2 s was {late.TotalMilliseconds:0.0} ms late.");
            if (longest <= Bound)
            {
                return;
            }

            Assert.True(late > TimeSpan.FromMilliseconds(20), $"An answer took {longest.TotalMilliseconds} ms on a machine that was not busy.");
        }

        Assert.Fail($"The machine was too busy {Batches} times.");
    }

    private static async Task<TimeSpan> LoadAsync(int seed)
    {
        await using var run = new DashboardRun(seed, TimeProvider.System);
        return await MeasureAsync(async () => run.AssertComplete(await run.LoadAsync()));
    }

    private static async Task<TimeSpan> MeasureAsync(Func<Task> act)
    {
        var started = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(started);
    }
}
