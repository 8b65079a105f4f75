using System.Net;
using Polly.CircuitBreaker;
using static Resilience.Polly.TestKit.Dependency;
using static Resilience.Polly.Tests.CircuitBreakers.CircuitApp;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>The table "Circuit breaker" of the design, row by row; the rows on the half-open state have a file of their own.</summary>
public class CircuitBreakerTests
{
    [Fact]
    public async Task Closed_failures_in_a_row_open_it_at_the_threshold()
    {
        await using var app = App();
        for (var failures = 1; failures < 3; failures++)
        {
            await new Dependency(Fails()).ThroughAsync(app.Pipeline);
            Assert.Equal(CircuitState.Closed, app.Snapshot.CircuitBreaker.State);
            Assert.Equal(failures, app.Snapshot.CircuitBreaker.FailureCount);
        }

        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        Assert.Equal(CircuitState.Open, app.Snapshot.CircuitBreaker.State);
        Assert.Equal("3 failures in a row, the last: SocketException (ConnectionRefused)", app.Snapshot.CircuitBreaker.LastTransition!.Reason);
    }

    [Fact]
    public async Task Closed_a_success_sets_the_count_to_zero()
    {
        await using var app = App();
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        Assert.Equal(0, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, 1)]
    [InlineData(HttpStatusCode.NotImplemented, 1)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 1)]
    [InlineData(HttpStatusCode.TooManyRequests, 1)]
    [InlineData(HttpStatusCode.RequestTimeout, 1)]
    [InlineData(HttpStatusCode.NotFound, 0)]
    [InlineData(HttpStatusCode.UnprocessableEntity, 0)]
    [InlineData(HttpStatusCode.Unauthorized, 0)]
    public async Task Closed_a_status_counts_as_failure_or_success(HttpStatusCode status, int failures)
    {
        await using var app = App();
        await new Dependency(Answers(status)).ThroughAsync(app.Pipeline);
        Assert.Equal(failures, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task Closed_a_business_exception_is_a_success()
    {
        await using var app = App();
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        await new Dependency(Throws(new InvalidOperationException("out of stock"))).ThroughAsync(app.Pipeline);
        Assert.Equal(0, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task Closed_the_callers_cancellation_is_neither()
    {
        await using var app = App();
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        using var caller = new CancellationTokenSource();
        var call = app.Pipeline.ExecuteAsync(async token => await Task.Delay(Timeout.Infinite, token), caller.Token).AsTask();
        await caller.CancelAsync();
        var seen = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(caller.Token, seen.CancellationToken);
        Assert.Equal(1, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task Closed_a_full_bulkhead_is_neither()
    {
        await using var app = App(o =>
        {
            o.Bulkhead.MaxConcurrency = 1;
            o.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
        });
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        var gate = new TaskCompletionSource();
        var inside = app.Pipeline.ExecuteAsync(async _ => await gate.Task).AsTask();
        Assert.IsType<BulkheadFullException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(1, app.Snapshot.CircuitBreaker.FailureCount);
        gate.SetResult();
        await inside;
    }

    [Fact]
    public async Task Open_calls_are_rejected_with_the_time_to_the_probe_and_never_made()
    {
        await using var app = App();
        await OpenAsync(app);
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        var dependency = new Dependency(Answers(1));
        var rejected = Assert.IsType<CircuitOpenException>((await dependency.ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(0, dependency.Attempts);
        Assert.Equal(TimeSpan.FromSeconds(20), rejected.RetryAfter);
        Assert.Equal(("payments", 0), (rejected.PipelineName, rejected.Attempts));
        Assert.StartsWith("Circuit breaker is OPEN", rejected.Message);
    }

    [Fact]
    public async Task Open_reads_half_open_after_the_recovery_timeout_without_a_call()
    {
        await using var app = App();
        await OpenAsync(app);
        app.Clock.Advance(Recovery - TimeSpan.FromTicks(1));
        Assert.Equal(CircuitState.Open, app.Snapshot.CircuitBreaker.State);
        Assert.Equal(TimeSpan.FromTicks(1), app.Snapshot.CircuitBreaker.TimeToProbe);
        app.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(CircuitState.HalfOpen, app.Snapshot.CircuitBreaker.State);
        Assert.Equal(TimeSpan.Zero, app.Snapshot.CircuitBreaker.TimeToProbe);
    }

    [Fact]
    public async Task LateResult_of_a_call_admitted_before_the_last_transition_moves_nothing()
    {
        await using var app = App();
        var gate = new TaskCompletionSource<int>();
        var slow = app.Pipeline.ExecuteAsync(async _ => await gate.Task).AsTask();
        await OpenAsync(app);
        gate.SetResult(1);
        await slow;
        Assert.Equal(CircuitState.Open, app.Snapshot.CircuitBreaker.State);
    }

    [Fact]
    public async Task Clock_setting_the_wall_clock_has_no_effect()
    {
        var clock = new WallClock();
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.CircuitBreaker.FailureThreshold) = (1, 3), clock);
        await OpenAsync(app);
        clock.Now += TimeSpan.FromDays(400);
        Assert.Equal(CircuitState.Open, app.Snapshot.CircuitBreaker.State);
        clock.Now -= TimeSpan.FromDays(800);
        Assert.Equal(Recovery, app.Snapshot.CircuitBreaker.TimeToProbe);
    }

    [Fact]
    public async Task Observe_changes_state_but_rejects_nothing()
    {
        await using var app = App(o => o.CircuitBreaker.Mode = CircuitBreakerMode.Observe);
        await OpenAsync(app);
        Assert.Equal(5, (await new Dependency(Answers(5)).ThroughAsync(app.Pipeline)).Result);
        Assert.Equal(CircuitState.Open, app.Snapshot.CircuitBreaker.State);
        app.Clock.Advance(Recovery);
        await new Dependency(Answers(5)).ThroughAsync(app.Pipeline);
        Assert.Equal(CircuitState.Closed, app.Snapshot.CircuitBreaker.State);
    }

    [Fact]
    public async Task Disabled_counts_nothing()
    {
        await using var app = App(o => o.CircuitBreaker.Mode = CircuitBreakerMode.Disabled);
        for (var i = 0; i < 5; i++)
        {
            await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        }

        Assert.Equal((CircuitState.Closed, 0), (app.Snapshot.CircuitBreaker.State, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Fact]
    public async Task Isolate_rejects_until_reset()
    {
        await using var app = App();
        app.Control.Isolate("payments");
        var rejected = Assert.IsType<CircuitOpenException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Null(rejected.RetryAfter);
        app.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(CircuitState.Isolated, app.Snapshot.CircuitBreaker.State);
        app.Control.Reset("payments");
        Assert.Equal(1, (await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Result);
    }

    [Theory]
    [InlineData(CircuitBreakerMode.Observe)]
    [InlineData(CircuitBreakerMode.Disabled)]
    public async Task Isolate_is_refused_where_nothing_would_be_rejected(CircuitBreakerMode mode)
    {
        await using var app = App(o => o.CircuitBreaker.Mode = mode);
        var refused = Assert.Throws<InvalidOperationException>(() => app.Control.Isolate("payments"));
        Assert.Contains($"CircuitBreaker:Mode is {mode}", refused.Message);
    }

    [Fact]
    public async Task Control_an_unknown_name_is_told()
    {
        await using var app = App();
        Assert.Contains("'payment'", Assert.Throws<KeyNotFoundException>(() => app.Control.Isolate("payment")).Message);
        Assert.Contains("'payment'", Assert.Throws<KeyNotFoundException>(() => app.Control.Reset("payment")).Message);
    }

    [Fact]
    public async Task CountPerAttempt_every_attempt_counts_and_the_retrying_ends_when_it_opens()
    {
        await using var app = App(o =>
        {
            o.CircuitBreaker.CountPer = CircuitCount.Attempt;
            o.Retry.MaxAttempts = 10;
            o.Retry.MinWait = TimeSpan.Zero;
        });
        var dependency = new Dependency(Fails());
        var failure = (await dependency.ThroughAsync(app.Pipeline)).Exception;
        Assert.Equal(3, dependency.Attempts);
        Assert.Equal(3, Assert.IsType<ApiConnectionException>(failure).Attempts);
        Assert.Equal(CircuitState.Open, app.Snapshot.CircuitBreaker.State);
    }

    [Fact]
    public async Task CountPerCall_all_attempts_of_a_call_are_one_verdict()
    {
        await using var app = App(o =>
        {
            o.Retry.MaxAttempts = 10;
            o.Retry.MinWait = TimeSpan.Zero;
        });
        var dependency = new Dependency(Fails());
        await dependency.ThroughAsync(app.Pipeline);
        Assert.Equal((10, 1), (dependency.Attempts, app.Snapshot.CircuitBreaker.FailureCount));
    }

    /// <summary>A wall clock that somebody sets, beside a monotonic one that stands still.</summary>
    private sealed class WallClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => 1_000_000;
    }
}
