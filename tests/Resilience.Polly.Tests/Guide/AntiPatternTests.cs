using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The guide's chapter "Common Anti-Patterns to Avoid", bad and good.</summary>
public class AntiPatternTests
{
    [Fact]
    public async Task Timeouts_longer_than_user_patience()
    {
        Assert.Equal(["Error read-too-long", "Hint recovery-shorter-than-attempt"], await GuideAdvice.OfAsync(options =>
        {
            options.Timeout.Read = TimeSpan.FromMinutes(5); // bad: the user has left, and the call goes on
        }));
        Assert.Empty(await GuideAdvice.OfAsync(options =>
        {
            options.Timeout.Read = TimeSpan.FromSeconds(15); // good
        }));
    }

    [Fact]
    public async Task Inconsistent_timeout_hierarchy()
    {
        Assert.Equal(["Error read-shorter-than-connect"], await GuideAdvice.OfAsync(options =>
        {
            options.Timeout.Connect = TimeSpan.FromSeconds(30); // bad: a service that is gone holds you longer than one that is slow
            options.Timeout.Read = TimeSpan.FromSeconds(10);
        }));
        Assert.Empty(await GuideAdvice.OfAsync(options =>
        {
            options.Timeout.Connect = TimeSpan.FromSeconds(5); // good
            options.Timeout.Read = TimeSpan.FromSeconds(30);
        }));
    }

    [Fact]
    public async Task Infinite_retries_go_on_while_the_service_is_down_and_limited_ones_end()
    {
        // The test ends the loop by a failure that is none of the service's.
        var service = new FakeService((attempt, _) => attempt <= 10
            ? throw new HttpRequestException(HttpRequestError.ConnectionError)
            : throw new InvalidOperationException("the end of the test"));
        await using var app = TestPipelines.Of(o => (o.Retry.MinWait, o.CircuitBreaker.Mode) = (TimeSpan.Zero, CircuitBreakerMode.Disabled));
        var api = app.Pipeline;

        await Assert.ThrowsAsync<ApiConnectionException>(GetAsync);
        Assert.Equal(3, service.Asked);

        await Assert.ThrowsAsync<InvalidOperationException>(GetForEverAsync);
        Assert.Equal(11, service.Asked);

        // Bad: while the service is down, this never ends, and each loop makes three attempts.
        async Task<string> GetForEverAsync()
        {
            while (true)
            {
                try
                {
                    return await api.ExecuteAsync(async token => await service.GetAsync("/api/data", token));
                }
                catch (ApiConnectionException)
                {
                    await Task.Delay(10);
                }
            }
        }

        // Good: three attempts by the pipeline, then the failure.
        async Task<string> GetAsync() => await api.ExecuteAsync(async token => await service.GetAsync("/api/data", token));
    }

    [Fact]
    public async Task No_jitter()
    {
        Assert.Equal(["Error jitter-off", "Warning constant-wait", "Hint too-many-attempts"], await GuideAdvice.OfAsync(options =>
        {
            options.Retry = new() // bad: a thousand callers that failed together come back together
            {
                MaxAttempts = 5,
                MinWait = TimeSpan.FromSeconds(10),
                MaxWait = TimeSpan.FromSeconds(10),
                Jitter = false,
            };
        }));
        Assert.Empty(await GuideAdvice.OfAsync(options =>
        {
            options.Retry = new() // good: waits that grow, each with a random part
            {
                MaxAttempts = 3,
                MinWait = TimeSpan.FromSeconds(1),
                MaxWait = TimeSpan.FromSeconds(10),
                Jitter = true,
            };
        }));
    }

    [Fact]
    public async Task Ignoring_circuit_breaker_state()
    {
        await using var app = TestPipelines.Of(_ => { });
        app.Control.Isolate(TestPipelines.Name);
        var (api, service) = (app.Pipeline, new FakeService());

        await Assert.ThrowsAsync<CircuitOpenException>(RecommendOrFailAsync);
        Assert.Equal("popular products", await RecommendAsync());

        // Bad: the page fails because a part of it that nobody needs is down.
        async Task<string> RecommendOrFailAsync()
        {
            try
            {
                return await api.ExecuteAsync(async token => await service.GetAsync("/api/recommendations", token));
            }
            catch (ApiConnectionException)
            {
                throw;
            }
        }

        // Good: a part that is missing has something simpler in its place.
        async Task<string> RecommendAsync() =>
            await api.ExecuteWithFallbackAsync(async token => await service.GetAsync("/api/recommendations", token), "popular products");
    }

    [Fact]
    public async Task Too_sensitive_threshold()
    {
        Assert.Equal(["Error threshold-one"], await GuideAdvice.OfAsync(options =>
        {
            options.CircuitBreaker.FailureThreshold = 1; // bad: one lost packet, and nobody can pay
        }));
        Assert.Empty(await GuideAdvice.OfAsync(options =>
        {
            options.CircuitBreaker.FailureThreshold = 5; // good; 3 to fail fast
        }));
    }

    [Fact]
    public async Task Counting_client_errors()
    {
        Assert.Equal(["Warning client-errors-retried"], await GuideAdvice.OfAsync(options =>
        {
            options.Failures.Retry<HttpRequestException>(); // bad: a 404 is one of them too
        }));
        Assert.Empty(await GuideAdvice.OfAsync(options =>
        {
            options.Failures.Retry<HttpRequestException>(failed => failed.StatusCode is null or >= System.Net.HttpStatusCode.InternalServerError); // good
        }));
    }

    [Fact]
    public async Task No_resource_isolation_slow_jobs_take_the_slots_of_the_users()
    {
        await using var shared = new TestPipelines(services =>
        {
            services.AddResilience().AddPipeline("everything"); // bad: a slow batch job takes the slots of the users
        });
        await using var isolated = new TestPipelines(services =>
        {
            services.AddResilience() // good: each service has its own
                .AddPipeline("users", o => o.Bulkhead = BulkheadPresets.Critical)
                .AddPipeline("analytics", o => o.Bulkhead = BulkheadPresets.Analytics)
                .AddPipeline("batch", o => o.Bulkhead = BulkheadPresets.Background);
        });

        Assert.Equal(0, AttemptsOfAUserBehindTwentyJobs(shared, "everything", "everything"));
        Assert.Equal(1, AttemptsOfAUserBehindTwentyJobs(isolated, "batch", "users"));

        static int AttemptsOfAUserBehindTwentyJobs(TestPipelines app, string jobs, string users)
        {
            for (var job = 0; job < 20; job++)
            {
                _ = new HeldCall(app.Provider.GetPipeline(jobs));
            }

            return new HeldCall(app.Provider.GetPipeline(users)).Attempts;
        }
    }

    [Fact]
    public async Task Bulkhead_too_small()
    {
        Assert.Equal(["Error one-slot"], await GuideAdvice.OfAsync(options =>
        {
            options.Bulkhead.MaxConcurrency = 1; // bad: one slow call holds up all others
        }));
        Assert.Empty(await GuideAdvice.OfAsync(options =>
        {
            options.Bulkhead.MaxConcurrency = 20; // good: calls per second times seconds per call, and some more
        }));
    }

    [Fact]
    public async Task No_backpressure_handling()
    {
        await using var app = TestPipelines.Of(o => (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.Zero));
        using var saturating = new HeldCall(app.Pipeline);
        var (api, service) = (app.Pipeline, new FakeService());

        Assert.Null(await GetOrNothingAsync());
        Assert.Equal("Too many requests at the moment - please try again", await GetOrSayWhyAsync());

        // Bad: nobody knows why there is no data.
        async Task<string?> GetOrNothingAsync()
        {
            try
            {
                return await api.ExecuteAsync(async token => await service.GetAsync("/api/data", token));
            }
            catch (PoolTimeoutException)
            {
                return null;
            }
        }

        // Good: tell the user, who can come back.
        async Task<string> GetOrSayWhyAsync()
        {
            try
            {
                return await api.ExecuteAsync(async token => await service.GetAsync("/api/data", token));
            }
            catch (PoolTimeoutException)
            {
                return "Too many requests at the moment - please try again";
            }
        }
    }
}
