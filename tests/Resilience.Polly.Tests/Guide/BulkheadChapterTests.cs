using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The examples of the guide's chapter "Pattern 4: Bulkhead Pattern", one by one.</summary>
public class BulkheadChapterTests
{
    [Fact]
    public async Task How_our_bulkhead_works_20_enter_at_once_and_the_others_wait_5_seconds_at_most()
    {
        await using var app = TestPipelines.Of(options => options.Bulkhead = new BulkheadOptions
        {
            MaxConcurrency = 20,                              // Maximum concurrent requests
            AcquisitionTimeout = TimeSpan.FromSeconds(5),     // How long to wait for a slot
        });

        HeldCall[] requests = [.. Enumerable.Range(1, 22).Select(_ => new HeldCall(app.Pipeline))];

        // Request 1-20: acquire a slot immediately. Request 21 and 22: wait in line.
        Assert.All(requests[..20], request => Assert.Equal(1, request.Attempts));
        Assert.All(requests[20..], request => Assert.Equal(0, request.Attempts));
        Assert.Equal((20, 2), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.Waiting));

        // A slot becomes available: request 21 has it.
        await requests[0].FinishAsync();
        await requests[20].AttemptStartedAsync();

        // After 5 seconds: no slot available, PoolTimeoutException.
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.IsType<BulkheadFullException>(await requests[21].FailureAsync());
    }

    [Fact]
    public async Task Per_service_bulkheads_each_service_has_its_own_slots_and_patience()
    {
        await using var app = new TestPipelines(services => services.AddResilience()
            .AddPipeline("user-service", o => o.Bulkhead = new() { MaxConcurrency = 30, AcquisitionTimeout = TimeSpan.FromSeconds(1) })
            .AddPipeline("analytics", o => o.Bulkhead = new() { MaxConcurrency = 5, AcquisitionTimeout = TimeSpan.FromSeconds(10) })
            .AddPipeline("background-jobs", o => o.Bulkhead = BulkheadPresets.Background));

        // Analytics is saturated, and the users do not notice.
        HeldCall[] analytics = [.. Enumerable.Range(0, 6).Select(_ => new HeldCall(app.Provider.GetPipeline("analytics")))];
        using var user = new HeldCall(app.Provider.GetPipeline("user-service"));

        Assert.Equal((1, 0), (user.Attempts, analytics[5].Attempts));
        Assert.Equal([5, 2, 30], app.Monitor.GetSnapshots().Select(pipeline => pipeline.Bulkhead.Limit));
        Assert.Equal(TimeSpan.FromSeconds(30), app.Monitor.GetSnapshot("background-jobs").Options.Bulkhead.AcquisitionTimeout);
    }

    [Fact]
    public async Task Dynamic_bulkhead_sizing_by_the_error_rate_of_the_service()
    {
        await using var adaptive = new AdaptiveApp(20, AdaptivePolicy.ErrorRate);

        Assert.Equal(20, await adaptive.LimitAfterAsync(errorRate: 0.15)); // between: the base
        Assert.Equal(40, await adaptive.LimitAfterAsync(errorRate: 0.00)); // healthy: twice the base
        Assert.Equal(10, await adaptive.LimitAfterAsync(errorRate: 0.30)); // struggling: half of it
    }

    [Fact]
    public async Task Fail_fast_the_user_is_told_at_once()
    {
        await using var app = TestPipelines.Of(o => (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.Zero));
        using var saturating = new HeldCall(app.Pipeline);

        async Task<string> GetDataAsync()
        {
            try
            {
                return await app.Pipeline.ExecuteAsync(_ => new ValueTask<string>("data"));
            }
            catch (PoolTimeoutException)
            {
                return "Service temporarily unavailable - please try again";
            }
        }

        Assert.Equal("Service temporarily unavailable - please try again", await GetDataAsync());
        await saturating.FinishAsync();
        Assert.Equal("data", await GetDataAsync());
    }

    [Fact]
    public async Task Load_shedding_gives_30_percent_of_the_requests_up_while_the_processor_is_over_80_percent()
    {
        var load = new FakeLoad();
        await using var app = new TestPipelines(services =>
        {
            services.AddSingleton<ILoadReader>(load);
            services.AddResilience().AddLoadShedding().AddPipeline(TestPipelines.Name, o => o.LoadShedding.Enabled = true);
        });
        var pipeline = app.Pipeline;
        await app.StartAsync();

        load.Set(cpu: 0.81, memory: 0.5);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var shed = 0;
        for (var request = 0; request < 5_000; request++)
        {
            shed += (await new Dependency(Dependency.Answers(1)).ThroughAsync(pipeline)).Exception is PoolTimeoutException ? 1 : 0;
        }

        Assert.InRange(shed, 1_300, 1_700); // 6 standard deviations
    }

    [Fact]
    public async Task Bulkhead_monitoring_warns_of_a_high_utilization()
    {
        var warnings = new List<string>();
        await using var app = TestPipelines.Of(o => o.Bulkhead.MaxConcurrency = 10);

        double MonitorBulkheadUtilization()
        {
            var bulkhead = app.Monitor.GetSnapshot(TestPipelines.Name).Bulkhead;
            if (bulkhead.Utilization > 0.8)
            {
                warnings.Add($"High bulkhead utilization: {bulkhead.Utilization * 100}% ({bulkhead.InUse}/{bulkhead.Limit})");
            }

            return bulkhead.Utilization;
        }

        List<HeldCall> requests = [.. Enumerable.Range(0, 8).Select(_ => new HeldCall(app.Pipeline))];
        Assert.Equal(0.8, MonitorBulkheadUtilization());
        Assert.Empty(warnings);
        requests.Add(new HeldCall(app.Pipeline));
        Assert.Equal(0.9, MonitorBulkheadUtilization());

        Assert.Equal(["High bulkhead utilization: 90% (9/10)"], warnings);
        foreach (var request in requests)
        {
            await request.FinishAsync();
        }
    }

    /// <summary>The guide's AdaptiveBulkhead: base concurrency in, error rate in, concurrency out.</summary>
    private sealed class AdaptiveApp(int baseConcurrency, AdaptivePolicy policy) : IAsyncDisposable
    {
        private readonly TestPipelines _app = TestPipelines.Of(o =>
        {
            (o.Retry.MaxAttempts, o.CircuitBreaker.Mode) = (1, CircuitBreakerMode.Disabled);
            (o.Bulkhead.MaxConcurrency, o.Bulkhead.Adaptive.Policy) = (baseConcurrency, policy);
        });

        public async Task<int> LimitAfterAsync(double errorRate)
        {
            var pipeline = _app.Pipeline;
            for (var request = 0; request < 100; request++)
            {
                if (request == 99)
                {
                    _app.Clock.Advance(TimeSpan.FromSeconds(1)); // the last one ends the window
                }

                await new Dependency(request < 100 * errorRate ? Dependency.Fails() : Dependency.Answers(1)).ThroughAsync(pipeline);
            }

            return _app.Snapshot.Bulkhead.Limit;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
