using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The examples of the guide's chapter "How Patterns Work Together", step by step.</summary>
public class PatternsTogetherTests
{
    [Fact]
    public async Task Example_1_healthy_service()
    {
        await using var app = TestPipelines.Of(_ => { });
        using var request = new HeldCall(app.Pipeline);

        // Bulkhead: slot acquired immediately. Circuit: closed, proceed.
        Assert.Equal((1, 1), (request.Attempts, app.Snapshot.Bulkhead.InUse));

        // Timeout: 30 s limit, response in 100 ms. Retry: first attempt succeeds.
        app.Clock.Advance(TimeSpan.FromMilliseconds(100));
        await request.FinishAsync();

        // Circuit: success recorded, stays closed. Bulkhead: slot released.
        Assert.Equal((CircuitState.Closed, 0), (app.Snapshot.CircuitBreaker.State, app.Snapshot.CircuitBreaker.FailureCount));
        Assert.Equal((0, 1, 0), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Calls.Succeeded, app.Snapshot.Calls.Retries));
    }

    [Fact]
    public async Task Example_2_temporarily_slow_service()
    {
        await using var app = TestPipelines.Of(o => o.Retry.Jitter = false);
        using var request = new HeldCall(app.Pipeline, heedsToken: true);
        await request.AttemptStartedAsync();

        // Timeout: first attempt times out after 30 s. The slot is held through the wait of 1 s.
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, app.Snapshot.Bulkhead.InUse);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await request.AttemptStartedAsync();

        // Retry succeeds in 25 s.
        app.Clock.Advance(TimeSpan.FromSeconds(25));
        await request.FinishAsync();

        // Circuit: success recorded. Bulkhead: slot released, held for 56 s in all.
        Assert.Equal((CircuitState.Closed, 0), (app.Snapshot.CircuitBreaker.State, app.Snapshot.CircuitBreaker.FailureCount));
        Assert.Equal((0, 1, 1), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Calls.Succeeded, app.Snapshot.Calls.Retries));
        Assert.InRange(app.Snapshot.Latency.P50.TotalSeconds, 56 * 0.875, 56 * 1.125); // the histogram's precision
    }

    [Fact]
    public async Task Example_3_failing_service_circuit_opens()
    {
        await using var app = TestPipelines.Of(o => o.Retry.MaxAttempts = 1);
        var broken = new Dependency(Dependency.Fails());

        async Task<string> GetAsync()
        {
            try
            {
                await app.Pipeline.ExecuteAsync(broken.CallAsync);
                return "answered";
            }
            catch (ApiConnectionException e)
            {
                return e is CircuitOpenException ? "fails fast" : "Service unavailable";
            }
        }

        // Request 1-5: all fail. Then the circuit is open: request 6 fails fast.
        for (var request = 1; request <= 5; request++)
        {
            Assert.Equal("Service unavailable", await GetAsync());
        }

        Assert.Equal("fails fast", await GetAsync());

        // Next 30 seconds: all requests fail immediately, no network calls.
        app.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal("fails fast", await GetAsync());
        Assert.Equal(5, broken.Attempts);

        // After 30 seconds: the circuit tries a half-open test.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CircuitState.HalfOpen, app.Snapshot.CircuitBreaker.State);
        Assert.Equal("Service unavailable", await GetAsync());
        Assert.Equal((6, CircuitState.Open), (broken.Attempts, app.Snapshot.CircuitBreaker.State));
    }

    [Fact]
    public async Task Example_4_system_overload_bulkhead_protection()
    {
        await using var app = TestPipelines.Of(_ => { });
        HeldCall[] traffic = [.. Enumerable.Range(0, 20).Select(_ => new HeldCall(app.Pipeline))];
        using var request = new HeldCall(app.Pipeline);

        // No slots available, wait 5 s; still no slots: PoolTimeoutException.
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        var overloaded = await request.FailureAsync();

        // Circuit and network: never reached.
        Assert.IsType<BulkheadFullException>(overloaded);
        Assert.Equal((0, 0), (request.Attempts, app.Snapshot.CircuitBreaker.FailureCount));
        Assert.Equal(20, traffic.Sum(call => call.Attempts));
    }

    [Fact]
    public async Task Examples_1_and_2_as_the_caller_writes_them()
    {
        await using var app = TestPipelines.Of(o => o.Retry.Jitter = false);
        var api = app.Pipeline;

        Assert.Equal("/api/data", await GetDataAsync(new FakeService()));

        // The first answer never comes, the second one does.
        var slow = new FakeService((attempt, token) => attempt == 1 ? Never(token) : Task.FromResult("the report"));
        var getting = GetReportAsync(slow);
        while (!getting.IsCompleted)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(("the report", 2), (await getting, slow.Asked));

        async Task<string> GetDataAsync(FakeService service)
        {
            string data = await api.ExecuteAsync(async token => await service.GetAsync("/api/data", token));
            return data;
        }

        async Task<string> GetReportAsync(FakeService service)
        {
            string report = await api.ExecuteAsync(async token => await service.GetAsync("/api/slow-report", token));
            return report;
        }

        static async Task<string> Never(CancellationToken token)
        {
            await Task.Delay(Timeout.Infinite, token);
            return "";
        }
    }

    [Fact]
    public async Task Examples_3_and_4_as_the_caller_writes_them()
    {
        await using var broken = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.CircuitBreaker.FailureThreshold) = (1, 1));
        Assert.Equal("Service unavailable", await GetAnswerAsync(broken.Pipeline, FakeService.Down));
        Assert.Equal("not even asked", await GetAnswerAsync(broken.Pipeline, FakeService.Down));

        await using var full = TestPipelines.Of(o => (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.Zero));
        using var traffic = new HeldCall(full.Pipeline);
        Assert.Equal("System overloaded - please try again", await GetPageAsync(full.Pipeline, new FakeService()));

        static async Task<string> GetAnswerAsync(ResiliencePipeline api, FakeService service)
        {
            string answer;
            try
            {
                answer = await api.ExecuteAsync(async token => await service.GetAsync("/api/broken-service", token));
            }
            catch (ApiConnectionException failure)
            {
                answer = failure is CircuitOpenException ? "not even asked" : "Service unavailable";
            }

            return answer;
        }

        static async Task<string> GetPageAsync(ResiliencePipeline api, FakeService service)
        {
            string page;
            try
            {
                page = await api.ExecuteAsync(async token => await service.GetAsync("/api/popular-endpoint", token));
            }
            catch (PoolTimeoutException)
            {
                page = "System overloaded - please try again";
            }

            return page;
        }
    }

    [Fact]
    public async Task Configuration_for_pattern_harmony_is_valid_and_earns_no_advice()
    {
        await using var app = TestPipelines.Of(config =>
        {
            config.BaseAddress = new("https://api.example.com");
            config.Timeout = new()
            {
                Connect = TimeSpan.FromSeconds(5),    // Quick connection check
                Read = TimeSpan.FromSeconds(30),      // Allow reasonable response time
                Write = TimeSpan.FromSeconds(15),     // Moderate upload time
                Pool = TimeSpan.FromSeconds(2),       // Fast pool access expected
            };
            config.Retry = new()
            {
                MaxAttempts = 3,                      // 3 tries total
                MinWait = TimeSpan.FromSeconds(1),    // Start with 1s wait
                MaxWait = TimeSpan.FromSeconds(30),   // Don't wait longer than read timeout
                Jitter = true,                        // Prevent thundering herd
            };
            config.CircuitBreaker = new()
            {
                FailureThreshold = 5,                        // Failures that open it
                RecoveryTimeout = TimeSpan.FromSeconds(60),  // Give service time to recover
            };
            config.Bulkhead = new()
            {
                MaxConcurrency = 20,                              // Allow good throughput
                AcquisitionTimeout = TimeSpan.FromSeconds(5),     // Fail fast if saturated
            };
        });

        Assert.Equal("payments: bulkhead 20 (5 s) > circuit 5/60 s > retry 3 (1-30 s, jitter) > timeout 30 s", app.Snapshot.ToString());
        Assert.DoesNotContain(app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice(), advice => advice.Severity > AdviceSeverity.Hint);
    }
}
