using Microsoft.Extensions.DependencyInjection;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Retries;

public class RetryBudgetTests
{
    private static TestPipelines App(Action<PipelineOptions>? more = null) => TestPipelines.Of(o =>
    {
        o.Retry.MaxAttempts = 10;
        o.Retry.MinWait = TimeSpan.Zero;
        o.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
        more?.Invoke(o);
    });

    private static async Task<int> AttemptsOfAsync(TestPipelines app, int calls)
    {
        var dependency = new Dependency(Fails());
        for (var i = 0; i < calls; i++)
        {
            // When the budget is spent the caller sees the real failure.
            Assert.IsType<ApiConnectionException>((await dependency.ThroughAsync(app.Pipeline)).Exception);
        }

        return dependency.Attempts;
    }

    [Fact]
    public async Task Outage_retries_are_bounded_by_a_fifth_of_the_calls_and_the_reserve()
    {
        await using var app = App();
        Assert.Equal(1000 + 200 + 100, await AttemptsOfAsync(app, 1000));
    }

    [Fact]
    public async Task Outage_the_bound_holds_over_any_window()
    {
        await using var app = App();
        await AttemptsOfAsync(app, 1000);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1000 + 200, await AttemptsOfAsync(app, 1000)); // the reserve of these ten seconds is spent
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(100 + 20 + 100, await AttemptsOfAsync(app, 100)); // all is forgotten
    }

    [Fact]
    public async Task Disabled_every_attempt_is_made()
    {
        await using var app = App(o => o.Retry.Budget.Enabled = false);
        Assert.Equal(10_000, await AttemptsOfAsync(app, 1000));
    }

    [Fact]
    public async Task Ratio_and_reserve_of_zero_allow_no_retry()
    {
        await using var app = App(o => (o.Retry.Budget.Ratio, o.Retry.Budget.ReservePerSecond) = (0, 0));
        Assert.Equal(10, await AttemptsOfAsync(app, 10));
    }

    [Fact]
    public async Task Rejected_calls_earn_no_retries()
    {
        await using var app = App(o =>
        {
            o.CircuitBreaker.Mode = CircuitBreakerMode.Enforce;
            o.Retry.Budget.ReservePerSecond = 0;
        });
        app.Control.Isolate("payments");
        for (var i = 0; i < 1000; i++)
        {
            await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        }

        app.Control.Reset("payments");
        Assert.Equal(4, await AttemptsOfAsync(app, 4)); // a fifth of 4 is less than one retry
        Assert.Equal(2, await AttemptsOfAsync(app, 1)); // the fifth call earns it
    }

    [Fact]
    public async Task Window_changed_by_a_reload_begins_anew_and_still_counts()
    {
        var json = new LiveJson(Settings("00:00:01"));
        await using var app = new TestPipelines(services => services.AddResilience(json.Section));
        Assert.Equal(50 + 10, await AttemptsOfAsync(app, 50));
        json.Change(Settings("00:10:00"));
        Assert.Equal(50 + 10, await AttemptsOfAsync(app, 50));

        static string Settings(string window) => $$"""
            { "Pipelines": { "payments": {
                "CircuitBreaker": { "Mode": "Disabled" },
                "Retry": { "MaxAttempts": 10, "MinWait": "00:00:00", "Budget": { "ReservePerSecond": 0, "Window": "{{window}}" } } } } }
            """;
    }
}
