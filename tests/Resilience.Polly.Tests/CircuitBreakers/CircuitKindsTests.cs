using Polly;
using Polly.CircuitBreaker;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>What opens a circuit beside failures in a row, for how long, and what its callers learn of it.</summary>
public class CircuitKindsTests
{
    private static TestPipelines App(Action<CircuitBreakerOptions> configure, Action<PipelineOptions>? more = null) => TestPipelines.Of(options =>
    {
        options.Retry.MaxAttempts = 1;
        configure(options.CircuitBreaker);
        more?.Invoke(options);
    });

    private static async Task<Exception?> CallAsync(TestPipelines app, Func<int> answer) => (await new Dependency(answer).ThroughAsync(app.Pipeline)).Exception;

    [Fact]
    public async Task Dependency_that_fails_every_second_call_opens_a_circuit_with_a_ratio_and_none_that_counts_in_a_row()
    {
        await using var inARow = App(_ => { });
        await using var ratio = App(circuit => (circuit.FailureRatio, circuit.MinimumThroughput) = (0.5, 10));
        for (var call = 0; call < 200; call++)
        {
            await CallAsync(inARow, call % 2 == 0 ? Fails() : Answers(1));
            await CallAsync(ratio, call % 2 == 0 ? Fails() : Answers(1));
        }

        Assert.Equal(CircuitState.Closed, inARow.Snapshot.CircuitBreaker.State);
        var opened = ratio.Snapshot.CircuitBreaker;
        Assert.Equal(CircuitState.Open, opened.State);
        Assert.StartsWith("6 of 11 calls within 30 s failed, the last: SocketException", opened.LastTransition!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_answers_open_it_and_a_slow_probe_does_not_close_it()
    {
        await using var app = App(circuit =>
            (circuit.FailureThreshold, circuit.SlowCallDuration, circuit.SlowCallRatio, circuit.MinimumThroughput) = (null, TimeSpan.FromSeconds(2), 0.8, 5));

        for (var call = 0; call < 5; call++)
        {
            await SlowAsync(app, TimeSpan.FromSeconds(call == 0 ? 1 : 2));
        }

        Assert.Equal((CircuitState.Open, "4 of 5 calls within 30 s took longer than 2 s"), (app.Snapshot.CircuitBreaker.State, app.Snapshot.CircuitBreaker.LastTransition!.Reason));
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await SlowAsync(app, TimeSpan.FromSeconds(2));
        Assert.Equal((CircuitState.Open, "the probe took longer than 2 s"), (app.Snapshot.CircuitBreaker.State, app.Snapshot.CircuitBreaker.LastTransition!.Reason));
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await SlowAsync(app, TimeSpan.FromSeconds(1));
        Assert.Equal(CircuitState.Closed, app.Snapshot.CircuitBreaker.State);
    }

    [Fact]
    public async Task Breaks_lengthen_while_probes_fail_and_are_short_again_after_a_success()
    {
        await using var app = App(circuit => (circuit.FailureThreshold, circuit.RecoveryTimeout, circuit.RecoveryMultiplier, circuit.MaxRecoveryTimeout) =
            (1, TimeSpan.FromSeconds(2), 2, TimeSpan.FromSeconds(10)));
        await CallAsync(app, Fails());
        var breaks = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            var left = app.Snapshot.CircuitBreaker.TimeToProbe!.Value;
            Assert.Equal(left, app.Snapshot.CircuitBreaker.LastTransition!.OpenFor);
            breaks.Add(left.TotalSeconds);
            app.Clock.Advance(left);
            await CallAsync(app, Fails());
        }

        Assert.Equal([2, 4, 8, 10, 10], breaks);
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        await CallAsync(app, Answers(1));
        await CallAsync(app, Fails());
        Assert.Equal(TimeSpan.FromSeconds(2), app.Snapshot.CircuitBreaker.TimeToProbe);
    }

    [Fact]
    public async Task Probes_as_many_as_the_setting_says_close_it_one_after_another()
    {
        await using var app = App(circuit => (circuit.FailureThreshold, circuit.Probes) = (1, 3));
        await CallAsync(app, Fails());
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await CallAsync(app, Answers(1));
        await CallAsync(app, Answers(1));
        Assert.Equal(CircuitState.HalfOpen, app.Snapshot.CircuitBreaker.State);
        var probe = new HeldCall(app.Pipeline);
        Assert.IsType<CircuitOpenException>(await CallAsync(app, Answers(1))); // one at a time
        probe.Answer();
        await probe.Ended;
        Assert.Equal((CircuitState.Closed, "3 probes in a row succeeded"), (app.Snapshot.CircuitBreaker.State, app.Snapshot.CircuitBreaker.LastTransition!.Reason));
    }

    [Fact]
    public async Task Rejection_tells_what_opened_the_circuit_and_the_event_tells_whose_call_it_was()
    {
        await using var app = App(circuit => circuit.FailureThreshold = 1);
        var cause = new HttpRequestException(HttpRequestError.NameResolutionError, "no such host");
        var context = ResilienceContextPool.Shared.Get(TestContext.Current.CancellationToken);
        context.Properties.Set(CallProperties.RequestId, "order-5");
        await app.Pipeline.ExecuteOutcomeAsync<int, int>((_, _) => throw cause, context, 0);

        var rejected = Assert.IsType<CircuitOpenException>(await CallAsync(app, Answers(1)));
        Assert.Same(cause, rejected.InnerException);
        Assert.Equal(HttpRequestError.Unknown, rejected.HttpRequestError); // of this call nothing was sent
        Assert.Null(rejected.RequestId);
        var opened = app.Snapshot.CircuitBreaker.LastTransition!;
        Assert.Equal((cause, "order-5", TimeSpan.FromSeconds(30)), (opened.Failure, opened.RequestId, opened.OpenFor));

        app.Clock.Advance(TimeSpan.FromSeconds(30));
        var probe = new HeldCall(app.Pipeline);
        Assert.Same(cause, (await CallAsync(app, Answers(1)))!.InnerException); // half-open, and the probe under way
        probe.Answer();
        await probe.Ended;
        Assert.Null(app.Snapshot.CircuitBreaker.LastTransition!.Failure);
    }

    [Fact]
    public async Task Rejection_in_Pollys_words_tells_what_opened_the_circuit_too()
    {
        await using var app = App(circuit => circuit.FailureThreshold = 1, options => options.MapExceptions = false);
        var cause = new HttpRequestException("refused");
        await new Dependency(Throws(cause)).ThroughAsync(app.Pipeline);
        Assert.Same(cause, Assert.IsType<BrokenCircuitException>(await CallAsync(app, Answers(1))).InnerException);
    }

    [Fact]
    public async Task Isolate_for_a_time_lets_one_call_probe_when_it_is_over()
    {
        await using var app = App(_ => { });
        app.Control.Isolate(TestPipelines.Name, TimeSpan.FromMinutes(10));
        Assert.Equal(TimeSpan.FromMinutes(10), app.Snapshot.CircuitBreaker.LastTransition!.OpenFor);
        var rejected = Assert.IsType<CircuitOpenException>(await CallAsync(app, Answers(1)));
        Assert.Equal(TimeSpan.FromMinutes(10), rejected.RetryAfter);
        Assert.Contains("it was isolated by hand and is tried again in 10 min", rejected.Message);
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(CircuitState.HalfOpen, app.Snapshot.CircuitBreaker.State);
        Assert.Null(await CallAsync(app, Answers(1)));
        Assert.Equal(CircuitState.Closed, app.Snapshot.CircuitBreaker.State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(31 * 86_400)]
    public async Task Isolate_for_no_time_or_too_long_is_refused(int seconds)
    {
        await using var app = App(_ => { });
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => app.Control.Isolate(TestPipelines.Name, TimeSpan.FromSeconds(seconds)));
        Assert.Contains("at most 30 days", refused.Message);
        Assert.Equal(CircuitState.Closed, app.Snapshot.CircuitBreaker.State);
    }

    [Fact]
    public async Task Rules_retry_what_the_circuit_does_not_count_and_count_what_is_not_retried()
    {
        await using var app = App(
            circuit => circuit.FailureThreshold = 2,
            options =>
            {
                (options.Retry.MaxAttempts, options.Retry.MinWait) = (3, TimeSpan.Zero);
                options.Failures.RetryUncounted<InvalidOperationException>().CountUnretried<TimeoutException>();
            });
        var locked = new Dependency(Throws(new InvalidOperationException("locked")));
        await locked.ThroughAsync(app.Pipeline);
        Assert.Equal((3, 0), (locked.Attempts, app.Snapshot.CircuitBreaker.FailureCount));

        var late = new Dependency(Throws(new TimeoutException()));
        await late.ThroughAsync(app.Pipeline);
        Assert.Equal((1, 1), (late.Attempts, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Theory]
    [InlineData("""{ "FailureThreshold": null }""", "FailureThreshold")]
    [InlineData("""{ "FailureRatio": 0 }""", "FailureRatio")]
    [InlineData("""{ "FailureRatio": 1.1 }""", "FailureRatio")]
    [InlineData("""{ "MinimumThroughput": 1 }""", "MinimumThroughput")]
    [InlineData("""{ "RecoveryMultiplier": 2, "RecoveryTimeout": "00:10:00" }""", "MaxRecoveryTimeout")]
    [InlineData("""{ "Probes": 0 }""", "Probes")]
    public async Task Settings_that_cannot_be_are_named(string block, string setting)
    {
        await using var app = TestPipelines.FromJson($$"""{ "Pipelines": { "payments": { "CircuitBreaker": {{block}} } } }""");
        var refused = Assert.Throws<ResilienceConfigurationException>(() => app.Monitor.GetSnapshot("payments"));
        Assert.Contains($"CircuitBreaker:{setting}", refused.Message);
    }

    private static async Task SlowAsync(TestPipelines app, TimeSpan lasts)
    {
        var call = new HeldCall(app.Pipeline);
        app.Clock.Advance(lasts);
        call.Answer();
        await call.Ended;
    }
}
