using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Polly.RateLimiting;

namespace Resilience.Polly.Tests.RateLimits;

/// <summary>The rate of attempts: who gets a permit, who waits, and what the others are told.</summary>
public class RateLimitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Call_beyond_the_burst_waits_for_its_permit_and_the_wait_is_no_part_of_its_attempt()
    {
        await using var app = App(o => o.Timeout.Attempt = TimeSpan.FromMilliseconds(100));
        using var first = new HeldCall(app.Pipeline, heedsToken: true);
        using var second = new HeldCall(app.Pipeline, heedsToken: true);
        Assert.Equal((1, 0), (first.Attempts, second.Attempts));
        Assert.Equal((0, 1), (app.Snapshot.RateLimit!.Available, app.Snapshot.RateLimit.Waiting));
        await first.FinishAsync();

        app.Clock.Advance(Second);
        await second.AttemptStartedAsync();
        app.Clock.Advance(TimeSpan.FromMilliseconds(99));
        await second.FinishAsync();
    }

    [Fact]
    public async Task Call_that_would_wait_longer_than_MaxWait_fails_at_once_and_says_when()
    {
        var heard = new Recorder();
        await using var app = App(o => o.RateLimit.MaxWait = TimeSpan.FromMilliseconds(999), heard);
        await CallAsync(app);

        var limited = await Assert.ThrowsAsync<RateLimitedException>(() => CallAsync(app));

        Assert.Equal(
            "Pipeline 'payments' has no permit for the call: 1 per 1 s are taken, and the next one comes in 1 s (MaxWait 999 ms). " +
            "Slow down, degrade gracefully, or allow more in the pipeline's RateLimit block.",
            limited.Message);
        Assert.Equal((Second, TimeSpan.FromMilliseconds(999), TimeoutPhase.Pool, 0), (limited.RetryAfter, limited.Limit, limited.Phase, limited.Attempts));
        Assert.Equal((1, 0, 0), (app.Snapshot.Calls.RateLimited, app.Snapshot.CircuitBreaker.FailureCount, app.Snapshot.Bulkhead.InUse));
        await app.DisposeAsync();
        var rejection = Assert.Single(heard.Rejections);
        Assert.Equal((RejectedBy.RateLimit, Second), (rejection.By, rejection.RetryAfter));
    }

    [Fact]
    public async Task Refused_call_is_Pollys_rejection_where_exceptions_are_not_mapped()
    {
        await using var app = App(o => (o.RateLimit.MaxWait, o.MapExceptions) = (TimeSpan.Zero, false));
        await CallAsync(app);
        Assert.Equal(Second, (await Assert.ThrowsAsync<RateLimiterRejectedException>(() => CallAsync(app))).RetryAfter);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public async Task Call_whose_permit_comes_with_its_deadline_fails_at_once(int totalMilliseconds, bool fails)
    {
        await using var app = App(o => o.Timeout.Total = TimeSpan.FromMilliseconds(totalMilliseconds));
        await CallAsync(app);

        using var call = new HeldCall(app.Pipeline);

        Assert.Equal(fails, call.Ended.IsCompleted);
        if (fails)
        {
            Assert.IsType<RateLimitedException>(await call.FailureAsync());
        }
        else
        {
            app.Clock.Advance(Second);
            await call.AttemptStartedAsync();
            await call.FinishAsync();
        }
    }

    [Fact]
    public async Task Retry_takes_a_permit_of_its_own_and_one_without_leaves_the_failure_as_the_answer()
    {
        await using var app = App(o => (o.RateLimit.Burst, o.RateLimit.MaxWait, o.Retry.MinWait, o.Retry.MaxAttempts) = (2, TimeSpan.Zero, TimeSpan.Zero, 3));
        var dependency = new Dependency(Dependency.Fails());

        var failure = Assert.IsType<ApiConnectionException>((await dependency.ThroughAsync(app.Pipeline)).Exception);

        Assert.Equal((2, 2, 1), (dependency.Attempts, failure.Attempts, app.Snapshot.CircuitBreaker.FailureCount));
        Assert.Equal((0, 1), (app.Snapshot.Calls.RateLimited, app.Snapshot.Calls.Failed));
    }

    [Fact]
    public async Task Retry_without_a_permit_is_not_counted_by_a_circuit_that_counts_attempts()
    {
        await using var app = App(o =>
        {
            (o.RateLimit.Burst, o.RateLimit.MaxWait, o.Retry.MinWait, o.Retry.MaxAttempts) = (2, TimeSpan.Zero, TimeSpan.Zero, 5);
            o.CircuitBreaker.CountPer = CircuitCount.Attempt;
        });
        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        Assert.Equal(2, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task Probe_without_a_permit_gives_the_next_call_its_probe()
    {
        await using var app = App(o =>
        {
            (o.RateLimit.MaxWait, o.RateLimit.Per) = (TimeSpan.Zero, TimeSpan.FromMinutes(1));
            (o.CircuitBreaker.FailureThreshold, o.CircuitBreaker.RecoveryTimeout) = (1, Second);
        });
        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        app.Clock.Advance(Second);
        Assert.IsType<RateLimitedException>((await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        await CallAsync(app);

        Assert.Equal(global::Polly.CircuitBreaker.CircuitState.Closed, app.Snapshot.CircuitBreaker.State);
    }

    [Fact]
    public async Task Answer_429_holds_back_the_other_calls_and_no_longer_than_MaxCoolDown()
    {
        await using var app = TestPipelines.Of(o =>
        {
            (o.RateLimit.MaxCoolDown, o.RateLimit.MaxWait) = (TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5));
            o.Retry.MaxAttempts = 1;
        });
        await new Dependency(Dependency.Throws(Asks(HttpStatusCode.TooManyRequests, 60))).ThroughAsync(app.Pipeline);
        Assert.Equal(app.Clock.GetUtcNow() + TimeSpan.FromSeconds(30), app.Snapshot.RateLimit!.CoolDownUntil);

        var limited = await Assert.ThrowsAsync<RateLimitedException>(() => CallAsync(app));
        Assert.Equal(TimeSpan.FromSeconds(30), limited.RetryAfter);
        Assert.Contains("the dependency asked its callers to wait, and the next permit comes in 30 s (MaxWait 5 s)", limited.Message, StringComparison.Ordinal);

        app.Clock.Advance(TimeSpan.FromSeconds(25));
        using var waits = new HeldCall(app.Pipeline);
        Assert.Equal(0, waits.Attempts);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        await waits.AttemptStartedAsync();
        await waits.FinishAsync();
        Assert.Null(app.Snapshot.RateLimit!.CoolDownUntil);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, 5, true)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 5, true)]
    [InlineData(HttpStatusCode.TooManyRequests, null, false)]
    [InlineData(HttpStatusCode.TooManyRequests, 0, false)]
    [InlineData(HttpStatusCode.ServiceUnavailable, null, false)]
    [InlineData(HttpStatusCode.Conflict, 5, false)]
    public async Task Only_429_and_503_that_say_how_long_cool_down(HttpStatusCode status, int? seconds, bool coolsDown)
    {
        foreach (var asException in new[] { true, false })
        {
            await using var app = TestPipelines.Of(o => (o.RateLimit.MaxCoolDown, o.Retry.MaxAttempts) = (TimeSpan.FromSeconds(30), 1));
            await app.Pipeline.ExecuteAsync(_ => asException ? throw Asks(status, seconds) : new ValueTask<HttpResponseMessage>(Answer(status, seconds))).AsTask()
                .ContinueWith(_ => { }, TaskScheduler.Default);
            Assert.Equal(coolsDown, app.Snapshot.RateLimit!.CoolDownUntil is not null);
        }
    }

    [Fact]
    public async Task Call_that_was_told_429_waits_as_its_retry_says_and_comes_through()
    {
        await using var app = TestPipelines.Of(o => (o.RateLimit.MaxCoolDown, o.RateLimit.MaxWait, o.Retry.MinWait) = (TimeSpan.FromSeconds(30), TimeSpan.Zero, Second));
        var dependency = new Dependency(Dependency.Throws(Asks(HttpStatusCode.TooManyRequests, 5)), Dependency.Answers(1));
        var call = dependency.ThroughAsync(app.Pipeline);

        app.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal((1, 2), ((await call).Result, dependency.Attempts));
    }

    [Fact]
    public async Task Reload_changes_the_rate_keeps_permits_and_switches_off_and_on_without_a_new_burst()
    {
        var live = new LiveJson(Json("""{ "Permits": 4, "MaxWait": "00:00:00" }"""));
        await using var app = new TestPipelines(services => services.AddResilience(live.Section));
        await CallAsync(app);
        await CallAsync(app);
        Assert.Equal(2, app.Snapshot.RateLimit!.Available);

        live.Change(Json("""{ "Permits": 100, "MaxWait": "00:00:00" }"""));
        Assert.Equal(2, app.Snapshot.RateLimit!.Available);
        live.Change(Json("""{ "Permits": 1, "MaxWait": "00:00:00" }"""));
        Assert.Equal(1, app.Snapshot.RateLimit!.Available);
        await CallAsync(app);

        live.Change(Json("{ }"));
        Assert.Null(app.Snapshot.RateLimit);
        await CallAsync(app);
        live.Change(Json("""{ "Permits": 1, "MaxWait": "00:00:00" }"""));
        await Assert.ThrowsAsync<RateLimitedException>(() => CallAsync(app));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Execute_synchronous_call_waits_on_its_own_thread(bool hasOwnLimiter)
    {
        await using var limiter = new TokenBucketRateLimiter(new() { TokenLimit = 1, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromMilliseconds(100), QueueLimit = 10 });
        await using var app = TestPipelines.Of(
            o =>
            {
                (o.RateLimit.Permits, o.RateLimit.Per, o.RateLimit.MaxWait) = (1, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
                if (hasOwnLimiter)
                {
                    o.RateLimit.Use(limiter);
                }
            },
            TimeProvider.System);
        var threads = new List<(int Before, int Inside)>();
        var pipeline = app.Pipeline;
        var thread = new Thread(() =>
        {
            for (var call = 0; call < 3; call++)
            {
                var before = Environment.CurrentManagedThreadId;
                pipeline.Execute(() => threads.Add((before, Environment.CurrentManagedThreadId)));
            }
        });
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(60)));
        Assert.Equal(3, threads.Count);
        Assert.All(threads, each => Assert.Equal(each.Before, each.Inside));
    }

    [Fact]
    public async Task Use_own_limiter_is_asked_for_each_attempt_and_gets_its_lease_back_when_the_attempt_ends()
    {
        await using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 1, QueueLimit = 1 });
        await using var app = TestPipelines.Of(o =>
        {
            o.RateLimit.Use(limiter);
            (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero);
        });
        using var first = new HeldCall(app.Pipeline);
        using var second = new HeldCall(app.Pipeline);
        Assert.Equal((0, 1), (app.Snapshot.RateLimit!.Available, app.Snapshot.RateLimit.Waiting));
        var third = Assert.IsType<RateLimitedException>(await new HeldCall(app.Pipeline).FailureAsync());
        Assert.Null(third.RetryAfter);

        first.Fail(new TimeoutException()); // its repetition stands behind the second call
        await second.AttemptStartedAsync();
        await second.FinishAsync();
        await first.AttemptStartedAsync();
        await first.AttemptStartedAsync();
        await first.FinishAsync();

        Assert.Equal(1, limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task Use_wait_for_an_own_limiter_ends_after_MaxWait_and_with_the_caller()
    {
        await using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 1, QueueLimit = 10 });
        await using var app = TestPipelines.Of(o => o.RateLimit.Use(limiter));
        using var first = new HeldCall(app.Pipeline);
        using var second = new HeldCall(app.Pipeline);
        using var third = new HeldCall(app.Pipeline);
        third.Cancel();
        Assert.IsType<OperationCanceledException>(await third.FailureAsync());

        app.Clock.Advance(Second);

        Assert.IsType<RateLimitedException>(await second.FailureAsync());
        await first.FinishAsync();
        Assert.Equal((1, 0), (limiter.GetStatistics()!.CurrentAvailablePermits, limiter.GetStatistics()!.CurrentQueuedCount));
    }

    [Fact]
    public async Task Use_limiter_that_throws_gives_the_caller_its_fault_and_keeps_no_slot()
    {
        var limiter = new ConcurrencyLimiter(new() { PermitLimit = 1, QueueLimit = 10 });
        await limiter.DisposeAsync();
        await using var app = TestPipelines.Of(o => o.RateLimit.Use(limiter));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => CallAsync(app));
        Assert.Equal(0, app.Snapshot.Bulkhead.InUse);
    }

    [Theory]
    [InlineData("""{ "Permits": 100, "Burst": 200 }""", "rate 100/1 s (burst 200, wait 1 s) > timeout 30 s")]
    [InlineData("""{ "Permits": 5, "Per": "00:01:00", "MaxWait": "00:00:00", "MaxCoolDown": "00:00:30" }""", "rate 5/60 s (no wait, cool-down 30 s) > timeout 30 s")]
    [InlineData("""{ "MaxCoolDown": "00:00:30" }""", "rate not limited (wait 1 s, cool-down 30 s) > timeout 30 s")]
    public async Task Summary_names_the_rate(string block, string part)
    {
        await using var app = TestPipelines.FromJson(Json(block));
        Assert.EndsWith(part, app.Snapshot.ToString(), StringComparison.Ordinal);
    }

    private static TestPipelines App(Action<PipelineOptions> more, params IResilienceListener[] listeners) => TestPipelines.Of(
        o =>
        {
            o.RateLimit.Permits = 1;
            o.Retry.MaxAttempts = 1;
            more(o);
        },
        null,
        listeners);

    private static Task CallAsync(TestPipelines app) => app.Pipeline.ExecuteAsync(static _ => ValueTask.CompletedTask).AsTask();

    private static string Json(string block) => $$"""{ "Pipelines": { "payments": { "RateLimit": {{block}} } } }""";

    private static HttpStatusException Asks(HttpStatusCode status, int? seconds)
    {
        using var response = Answer(status, seconds);
        return new(response);
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, int? seconds)
    {
        var response = new HttpResponseMessage(status);
        response.Headers.RetryAfter = seconds is { } after ? new(TimeSpan.FromSeconds(after)) : null;
        return response;
    }
}
