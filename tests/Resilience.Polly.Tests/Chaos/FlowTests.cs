using Polly.CircuitBreaker;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Chaos;

/// <summary>What the strategies around it do about what is injected: the same as about real failures.</summary>
public class FlowTests
{
    [Fact(Timeout = 60_000)] // on the wrong clock it would take an hour
    public async Task Latency_delays_the_attempt_on_the_clock_of_the_pipeline()
    {
        var hour = TimeSpan.FromHours(1);
        await using var app = ChaosApp.Of(o => (o.LatencyRate, o.Latency) = (1, hour), o => o.Timeout.Attempt = 2 * hour);
        var dependency = new Dependency(Answers(7));
        var call = dependency.ThroughAsync(app.Pipeline, TestContext.Current.CancellationToken);

        app.Clock.Advance(hour - TimeSpan.FromMilliseconds(1));
        Assert.Equal((false, 0), (call.IsCompleted, dependency.Attempts));
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(7, (await call).Result);
        Assert.Equal((1, 1L), (dependency.Attempts, app.Snapshot.Calls.Succeeded));
    }

    [Fact(Timeout = 60_000)]
    public async Task Latency_is_timed_out_by_the_attempt_timeout_and_the_next_attempt_draws_anew()
    {
        await using var app = ChaosApp.Of(
            o => (o.LatencyRate, o.Latency) = (1, TimeSpan.FromHours(1)),
            o => (o.Timeout.Attempt, o.Retry.MaxAttempts) = (TimeSpan.FromSeconds(2), 2));
        var dependency = new Dependency(Answers(7));
        var call = dependency.ThroughAsync(app.Pipeline);

        while (!call.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            app.Clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        var timeout = Assert.IsType<ApiTimeoutException>((await call).Exception);
        Assert.Equal((TimeoutPhase.Attempt, TimeSpan.FromSeconds(2), 2), (timeout.Phase, timeout.Limit, timeout.Attempts));
        Assert.Equal((0, 1L), (dependency.Attempts, app.Snapshot.Lifetime.TimedOut)); // the last minute may be over
    }

    [Fact]
    public async Task Latency_ends_when_the_caller_cancels()
    {
        await using var app = ChaosApp.Of(o => (o.LatencyRate, o.Latency) = (1, TimeSpan.FromSeconds(3)));
        using var caller = new CancellationTokenSource();
        var call = new Dependency(Answers(7)).ThroughAsync(app.Pipeline, caller.Token);
        await caller.CancelAsync();
        Assert.Equal(caller.Token, Assert.IsType<OperationCanceledException>((await call).Exception, exactMatch: false).CancellationToken);
        Assert.Equal(1, app.Snapshot.Calls.Cancelled);
    }

    [Fact]
    public async Task Injected_failures_are_retried_until_an_attempt_draws_none()
    {
        await using var app = ChaosApp.Of(o => (o.FaultRate, o.OutcomeRate) = (0.3, 0.3), o => o.Retry.MaxAttempts = 100);
        var dependency = new Dependency(Answers(7));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(7, (await dependency.ThroughAsync(app.Pipeline)).Result); // 0.51 to the power of 100 says otherwise
        }

        Assert.Equal(100, dependency.Attempts);
        Assert.InRange(app.Snapshot.Calls.Retries, 30, 400); // about 104
    }

    [Fact]
    public async Task Retry_events_tell_the_injected_failure()
    {
        var recorder = new Recorder();
        await using (var app = ChaosApp.Of(o => o.OutcomeRate = 1, o => o.Retry.MaxAttempts = 3, recorder))
        {
            Assert.Equal(3, Assert.IsType<ApiUnavailableException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception).Attempts);
        }

        Assert.Equal(["HTTP 503", "HTTP 503"], recorder.Retries.Select(retry => retry.Reason));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task Circuit_opens(double faults, double outcomes)
    {
        await using var app = ChaosApp.Of(
            o => (o.FaultRate, o.OutcomeRate) = (faults, outcomes),
            o => (o.CircuitBreaker.Mode, o.CircuitBreaker.FailureThreshold) = (CircuitBreakerMode.Enforce, 3));
        var dependency = new Dependency(Answers(1));
        for (var i = 0; i < 3; i++)
        {
            Assert.IsNotType<CircuitOpenException>((await dependency.ThroughAsync(app.Pipeline)).Exception);
        }

        Assert.Equal(CircuitState.Open, app.Snapshot.CircuitBreaker.State);
        Assert.IsType<CircuitOpenException>((await dependency.ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(0, dependency.Attempts);
    }
}
