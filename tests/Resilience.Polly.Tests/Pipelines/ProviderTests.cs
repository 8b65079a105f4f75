using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Tests.Pipelines;

public class ProviderTests
{
    [Fact]
    public async Task GetPipeline_unknown_name_is_told_with_the_known_ones()
    {
        await using var app = TestPipelines.FromJson("""{ "Pipelines": { "payments": {}, "ads": {} } }""");
        foreach (var ask in new Action[]
        {
            () => app.Provider.GetPipeline("paymets"),
            () => app.Provider.GetPipeline<int>("paymets"),
            () => app.Monitor.GetSnapshot("paymets"),
            () => app.Services.GetRequiredKeyedService<ResiliencePipeline>("paymets"),
        })
        {
            var unknown = Assert.Throws<KeyNotFoundException>(ask);
            Assert.StartsWith("There is no resilience pipeline named 'paymets'. Known are: ads, payments.", unknown.Message);
        }

        Assert.False(app.Provider.TryGetPipeline("paymets", out _));
        Assert.False(app.Provider.TryGetPipeline<int>("paymets", out _));
    }

    [Fact]
    public async Task GetPipeline_the_same_for_every_way_to_ask_and_any_case()
    {
        await using var app = TestPipelines.Of(_ => { });
        var pipeline = app.Provider.GetPipeline("payments");
        Assert.Same(pipeline, app.Provider.GetPipeline("Payments"));
        Assert.Same(pipeline, app.Services.GetRequiredKeyedService<ResiliencePipeline>("PAYMENTS"));
        Assert.Equal("payments", app.Monitor.GetSnapshot("PAYMENTS").Name);
    }

    [Fact]
    public async Task GetPipeline_first_use_by_sixteen_threads_builds_once()
    {
        for (var round = 0; round < 50; round++)
        {
            await using var app = TestPipelines.Of(_ => { });
            using var barrier = new Barrier(16);
            var pipelines = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    return app.Provider.GetPipeline("payments");
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            Assert.Single(pipelines.Distinct(ReferenceEqualityComparer.Instance));
        }
    }

    [Fact]
    public async Task Typed_pipeline_shares_the_state_of_the_untyped_one()
    {
        await using var app = TestPipelines.Of(o => o.Retry.MaxAttempts = 1);
        var typed = app.Provider.GetPipeline<string>("payments");
        Assert.Same(typed, app.Provider.GetPipeline<string>("Payments"));
        await Assert.ThrowsAsync<ApiTimeoutException>(async () => await typed.ExecuteAsync<string>(_ => throw new TimeoutException()));
        Assert.Equal(1, app.Snapshot.CircuitBreaker.FailureCount);
        Assert.Equal(1, app.Snapshot.Calls.TimedOut);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AddResiliencePipeline_of_Polly_goes_on_working_beside(bool before)
    {
        await using var app = new TestPipelines(services =>
        {
            if (before)
            {
                services.AddResiliencePipeline("bare", builder => builder.AddTimeout(TimeSpan.FromSeconds(1)));
            }

            services.AddResilience().AddPipeline("payments");
            if (!before)
            {
                services.AddResiliencePipeline("bare", builder => builder.AddTimeout(TimeSpan.FromSeconds(1)));
            }
        });
        Assert.NotNull(app.Provider.GetPipeline("payments"));
        Assert.Same(app.Provider.GetPipeline("bare"), app.Services.GetRequiredService<ResiliencePipelineRegistry<string>>().GetPipeline("bare"));
        Assert.NotNull(app.Services.GetRequiredKeyedService<ResiliencePipeline>("bare"));
    }

    [Fact]
    public async Task Start_logs_every_pipeline_in_one_line_once()
    {
        var log = new LogRecorder();
        var application = Host.CreateEmptyApplicationBuilder(null);
        application.Services.AddLogging(logging => logging.AddProvider(log));
        application.Services.AddResilience(Json.Section("""
            { "Pipelines": {
                "payments": {
                  "Timeout": { "Read": "00:00:15" },
                  "Retry": { "MaxWait": "00:00:10" },
                  "Bulkhead": { "MaxConcurrency": 30, "AcquisitionTimeout": "00:00:01" } },
                "mail": {
                  "Timeout": { "Total": "00:10:00", "Attempt": "00:00:00.250", "ProgressiveStep": 0.5 },
                  "Retry": { "MinWait": "00:00:00.5", "Jitter": false, "Budget": { "Enabled": false } },
                  "CircuitBreaker": { "CountPer": "Attempt", "Mode": "Observe" },
                  "Bulkhead": { "AcquisitionTimeout": "00:00:00", "MaxQueue": 7 } },
                "bare": { "Retry": { "MaxAttempts": 1 }, "CircuitBreaker": { "Mode": "Disabled" } } } }
            """));
        using var host = application.Build();
        await host.StartAsync();
        Assert.Equal(
            [
                "Information: Pipeline bare: bulkhead 20 (5 s) > timeout 30 s",
                "Information: Pipeline mail: total 10 min > bulkhead 20 (no wait, queue 7) > retry 3 (500 ms-60 s, no budget) > circuit 5/30 s (observe) per attempt > timeout 250 ms (+0.5x per attempt)",
                "Information: Pipeline payments: bulkhead 30 (1 s) > circuit 5/30 s > retry 3 (1-10 s, jitter) > timeout 15 s",
            ],
            log.Lines.Where(line => line.StartsWith("Information: Pipeline", StringComparison.Ordinal)));
        await host.StopAsync();
    }
}
