using Resilience.Polly.Tests.Degradation;

namespace Resilience.Polly.Tests.Guide;

/// <summary>Scenario 3 with three of ten services hung and two failing: every answer within 2.0 s + 50 ms, with all degraded parts named.</summary>
public class DashboardTests
{
    [Fact]
    public async Task Load_all_services_answer_takes_no_time()
    {
        await using var app = TestPipelines.FromJson(Dashboard.Settings);

        var page = await new Dashboard(app.Provider, new ScatterGather(app.Clock), new Services()).LoadAsync("ann").WaitAsync(HeldCall.Patience);

        Assert.Empty(page.Degraded);
        Assert.Equal(Dashboard.Names, page.Data.Keys);
    }

    [Fact]
    public async Task Load_three_hung_two_failing_answers_at_the_deadline_a_thousand_times()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            await using var run = new DashboardRun(seed);
            var clock = run.App.Clock;
            var started = clock.GetTimestamp();

            var loading = run.LoadAsync();
            await Until.IsTrueAsync(() => run.IsWaitingForTheClock);
            for (var step = 0; step < 8; step++)
            {
                Assert.False(loading.IsCompleted, $"Seed {seed}: the answer came before the deadline.");
                clock.Advance(Dashboard.Deadline / 8);
            }

            run.AssertComplete(await loading.WaitAsync(HeldCall.Patience));
            Assert.Equal(Dashboard.Deadline, clock.GetElapsedTime(started));
        }
    }
}
