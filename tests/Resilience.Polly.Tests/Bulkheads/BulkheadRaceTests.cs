using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>"At most that many inside, also under races", with real threads, real timers and the clock of the machine.</summary>
public class BulkheadRaceTests
{
    /// <summary>Only a test that fails anyway waits that long: some call was forgotten in line.</summary>
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 30_000)]
    [InlineData(2, 2)]
    [InlineData(2, 30_000)]
    [InlineData(5, 1)]
    [InlineData(5, 30_000)]
    public async Task Execute_many_threads_never_exceeds_the_limit_and_loses_no_slot(int limit, int acquisitionMilliseconds)
    {
        const int Calls = 100_000;
        await using var app = TestPipelines.Of(
            options =>
            {
                Quiet(options);
                options.Bulkhead.MaxConcurrency = limit;
                options.Bulkhead.AcquisitionTimeout = TimeSpan.FromMilliseconds(acquisitionMilliseconds);
            },
            TimeProvider.System);
        var load = new BulkheadLoad(app.Pipeline, Calls);

        var running = load.RunAsync();
        await Task.WhenAny(running, Task.Delay(Enough)); // a busy machine makes fewer calls
        load.Stop();
        await running.WaitAsync(Watchdog);

        Assert.Equal(limit, load.Most);
        Assert.Equal(limit, app.Snapshot.Bulkhead.Peak);
        Assert.True(load.Cancelled > 100, $"only {load.Cancelled} calls were cancelled");
        Assert.True(acquisitionMilliseconds > 2 ? load.TimedOut == 0 : limit > 2 || load.TimedOut > 0, $"{load.TimedOut} calls timed out"); // with five slots it may be that none waits so long
        await AssertAllSlotsAreFreeAsync(app, limit);
    }

    [Fact]
    public async Task Execute_while_the_limit_changes_never_exceeds_it()
    {
        var live = new LiveJson(Content(8));
        await using var app = new TestPipelines(services => services.AddResilience(live.Section), TimeProvider.System);
        var load = new BulkheadLoad(app.Pipeline, int.MaxValue);
        var random = new Random(1);
        var running = Task.Run(load.RunAsync);
        try
        {
            for (var round = 0; round < 400; round++)
            {
                // A burst of changes, of which only the last one counts.
                for (var change = 0; change < 10; change++)
                {
                    live.Change(Content(random.Next(1, 9)));
                }

                var limit = (round % 8) + 1;
                live.Change(Content(limit));
                await UntilAsync(() => app.Snapshot.Bulkhead.InUse <= limit); // what entered under a higher limit has left
                var inside = app.Snapshot.Bulkhead.Limit;
                load.ForgetMost();
                await WhileCallsRunAsync(load, 300);
                Assert.Equal(limit, inside);
                Assert.InRange(load.Most, 1, limit);
            }
        }
        finally
        {
            load.Stop();
        }

        await running.WaitAsync(Watchdog);
        Assert.InRange(app.Snapshot.Bulkhead.Peak, 1, 8);
        live.Change(Content(3));
        await AssertAllSlotsAreFreeAsync(app, 3);
    }

    private static async Task AssertAllSlotsAreFreeAsync(TestPipelines app, int limit)
    {
        Assert.Equal((0, 0), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.Waiting));
        var inside = Enumerable.Range(0, limit).Select(_ => new HeldCall(app.Pipeline)).ToList();
        Assert.All(inside, call => Assert.Equal(1, call.Attempts));
        using var oneMore = new HeldCall(app.Pipeline);
        Assert.Equal(0, oneMore.Attempts);
        oneMore.Cancel();
        Assert.IsNotType<TimeoutException>(await oneMore.FailureAsync());
        foreach (var call in inside)
        {
            await call.FinishAsync();
            call.Dispose();
        }

        Assert.Equal((0, 0), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.Waiting));
    }

    private static Task WhileCallsRunAsync(BulkheadLoad load, int calls)
    {
        var before = load.Executed;
        return UntilAsync(() => load.Executed - before >= calls);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !condition(); await Task.Yield())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Watchdog, "The calls have come to a standstill.");
        }
    }

    private static void Quiet(PipelineOptions options)
    {
        options.Retry.MaxAttempts = 1;
        options.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
        options.Timeout.Read = Timeout.InfiniteTimeSpan;
    }

    private static string Content(int limit) => $$"""
        { "Pipelines": { "payments": {
            "Retry": { "MaxAttempts": 1 }, "CircuitBreaker": { "Mode": "Disabled" },
            "Bulkhead": { "MaxConcurrency": {{limit}}, "AcquisitionTimeout": "00:00:30" } } } }
        """;
}
