using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Resilience.Polly.Tests.Degradation;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The examples of the guide's chapter "Pattern 4: Bulkhead Pattern", one by one.</summary>
public class BulkheadChapterTests
{
    [Fact]
    public async Task How_our_bulkhead_works_20_enter_at_once_and_the_others_wait_5_seconds_at_most()
    {
        await using var app = TestPipelines.Of(options =>
        {
            options.Bulkhead = new BulkheadOptions
            {
                MaxConcurrency = 20,                              // slots: calls at the same time
                AcquisitionTimeout = TimeSpan.FromSeconds(5),     // how long a call waits for a slot
            };
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
        await using var app = new TestPipelines(services =>
        {
            services.AddResilience()
                .AddPipeline("user-service", o => o.Bulkhead = BulkheadPresets.Critical)      // 30 slots, 1 s
                .AddPipeline("analytics", o => o.Bulkhead = BulkheadPresets.Analytics)        // 5 slots, 10 s
                .AddPipeline("background-jobs", o => o.Bulkhead = BulkheadPresets.Background); // 2 slots, 30 s
        });

        // Analytics is saturated, and the users do not notice.
        HeldCall[] analytics = [.. Enumerable.Range(0, 6).Select(_ => new HeldCall(app.Provider.GetPipeline("analytics")))];
        using var user = new HeldCall(app.Provider.GetPipeline("user-service"));

        Assert.Equal((1, 0), (user.Attempts, analytics[5].Attempts));
        Assert.Equal([5, 2, 30], app.Monitor.GetSnapshots().Select(pipeline => pipeline.Bulkhead.Limit));
        Assert.Equal([10, 30, 1], app.Monitor.GetSnapshots().Select(pipeline => pipeline.Options.Bulkhead.AcquisitionTimeout.TotalSeconds));
    }

    [Fact]
    public async Task Dynamic_bulkhead_sizing_by_the_error_rate_of_the_service()
    {
        await using var adaptive = new AdaptiveApp(FollowErrors);

        Assert.Equal(20, await adaptive.LimitAfterAsync(errorRate: 0.15)); // between: the base
        Assert.Equal(40, await adaptive.LimitAfterAsync(errorRate: 0.00)); // healthy: twice the base
        Assert.Equal(10, await adaptive.LimitAfterAsync(errorRate: 0.30)); // struggling: half of it

        void FollowErrors(PipelineOptions options)
        {
            options.Bulkhead.MaxConcurrency = 20;                        // the base
            options.Bulkhead.Adaptive.Policy = AdaptivePolicy.ErrorRate; // above 20 % half of it, below 5 % twice as many
        }
    }

    [Fact]
    public async Task Fail_fast_or_degrade_the_user_is_told_at_once()
    {
        await using var app = TestPipelines.Of(o => (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.Zero));
        using var saturating = new HeldCall(app.Pipeline);
        var (api, service) = (app.Pipeline, new FakeService());

        Assert.Equal("Service temporarily unavailable - please try again", await GetDataAsync());
        Assert.Equal("cached recommendations", await GetRecommendationsAsync());
        await saturating.FinishAsync();
        Assert.Equal("/api/data", await GetDataAsync());
        Assert.Equal("/api/recommendations", await GetRecommendationsAsync());

        async Task<string> GetDataAsync()
        {
            try
            {
                return await api.ExecuteAsync(async token => await service.GetAsync("/api/data", token));
            }
            catch (PoolTimeoutException)
            {
                return "Service temporarily unavailable - please try again";
            }
        }

        async Task<string> GetRecommendationsAsync()
        {
            try
            {
                return await api.ExecuteAsync(async token => await service.GetAsync("/api/recommendations", token));
            }
            catch (PoolTimeoutException)
            {
                return "cached recommendations";
            }
        }
    }

    [Fact]
    public async Task Request_queuing_with_backpressure_a_request_that_finds_no_slot_waits_on()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddResilience()
                .AddPipeline("reports", o => o.Bulkhead = BulkheadPresets.Background)
                .AddRequestQueue("reports", o =>
                {
                    o.Capacity = 100;                           // requests that may wait
                    o.EnqueueTimeout = TimeSpan.FromSeconds(1); // a full queue: PoolTimeoutException after this time
                    o.Pause = TimeSpan.FromSeconds(1);          // no slot: the request waits on, and its worker rests
                });
        });
        await app.StartAsync();
        var (queue, service) = (app.Services.GetRequiredKeyedService<RequestQueue>("reports"), new FakeService());
        HeldCall[] others = [.. Enumerable.Range(0, 2).Select(_ => new HeldCall(app.Provider.GetPipeline("reports")))];

        var report = GetReportAsync();
        await Until.IsTrueAsync(() => app.Monitor.GetSnapshot("reports").Bulkhead.Waiting == 1);
        Assert.False(report.IsCompleted);
        await others[0].FinishAsync();

        Assert.Equal("/api/report", await report.WaitAsync(HeldCall.Patience));

        async Task<string> GetReportAsync()
        {
            string report = await queue.ExecuteAsync(async token => await service.GetAsync("/api/report", token));
            return report;
        }
    }

    [Fact]
    public async Task Load_shedding_gives_30_percent_of_the_requests_up_while_the_processor_is_over_80_percent()
    {
        var load = new FakeLoad();
        await using var app = new TestPipelines(services =>
        {
            services.AddSingleton<ILoadReader>(load);
            services.AddResilience()
                .AddLoadShedding()
                .AddPipeline("search", o => o.LoadShedding.Enabled = true); // over 80 % CPU or 85 % memory: 30 % of the calls
        });
        var pipeline = app.Provider.GetPipeline("search");
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
        using var log = new LogRecorder();
        await using var app = TestPipelines.Of(o => o.Bulkhead.MaxConcurrency = 10);
        var (monitor, logger) = (app.Monitor, log);

        void MonitorBulkhead()
        {
            BulkheadSnapshot bulkhead = monitor.GetSnapshot("payments").Bulkhead;
            if (bulkhead.Utilization > 0.8)
            {
                logger.LogWarning("High bulkhead utilization: {Used} of {Slots} slots", bulkhead.InUse, bulkhead.Limit);
            }
        }

        List<HeldCall> requests = [.. Enumerable.Range(0, 8).Select(_ => new HeldCall(app.Pipeline))];
        MonitorBulkhead();
        Assert.Empty(log.Lines);
        requests.Add(new HeldCall(app.Pipeline));
        MonitorBulkhead();

        Assert.Equal(["Warning: High bulkhead utilization: 9 of 10 slots"], log.Lines);
        foreach (var request in requests)
        {
            await request.FinishAsync();
        }
    }

    /// <summary>The guide's AdaptiveBulkhead: base concurrency in, error rate in, concurrency out.</summary>
    private sealed class AdaptiveApp(Action<PipelineOptions> configure) : IAsyncDisposable
    {
        private readonly TestPipelines _app = TestPipelines.Of(o =>
        {
            (o.Retry.MaxAttempts, o.CircuitBreaker.Mode) = (1, CircuitBreakerMode.Disabled);
            configure(o);
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
