using System.Net;
using Microsoft.Extensions.DependencyInjection;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Telemetry;

/// <summary>The meter, read as an exporter reads it.</summary>
public class MeterTests
{
    private readonly List<string> _transitions = [];

    [Fact]
    public async Task Calls_are_counted_by_result_and_retries_by_themselves()
    {
        await using var app = TestPipelines.Of(Brittle);
        using var meter = new MeterReader(app.Services);

        await EndInEveryWayAsync(app);

        Assert.Equal(
            [
                "resilience.calls{call.result=bulkhead_full,pipeline.name=payments} 1",
                "resilience.calls{call.result=cancelled,pipeline.name=payments} 1",
                "resilience.calls{call.result=circuit_open,pipeline.name=payments} 1",
                "resilience.calls{call.result=failed,pipeline.name=payments} 1",
                "resilience.calls{call.result=rate_limited,pipeline.name=payments} 0",
                "resilience.calls{call.result=refused,pipeline.name=payments} 1",
                "resilience.calls{call.result=shed,pipeline.name=payments} 0",
                "resilience.calls{call.result=succeeded,pipeline.name=payments} 2",
                "resilience.calls{call.result=timed_out,pipeline.name=payments} 1",
            ],
            Of(meter, "resilience.calls"));
        Assert.Equal(["resilience.retries{pipeline.name=payments} 2"], Of(meter, "resilience.retries"));

        // Of the last minute alone: the call that timed out after two attempts of 30 s, and the two after it.
        Assert.Equal(1.0 / 3, meter.Collect().Single(one => one.Instrument == "resilience.retry.rate").Value);
    }

    [Fact]
    public async Task Durations_are_recorded_by_result_in_seconds()
    {
        await using var app = TestPipelines.Of(Brittle);
        using var meter = new MeterReader(app.Services);
        var call = new HeldCall(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromMilliseconds(250));
        await call.FinishAsync();
        await new Dependency(Throws(new InvalidOperationException())).ThroughAsync(app.Pipeline);

        Assert.Equal(
            [
                "resilience.call.duration{call.result=refused,pipeline.name=payments} 0",
                "resilience.call.duration{call.result=succeeded,pipeline.name=payments} 0.25",
            ],
            Of(meter, "resilience.call.duration"));
    }

    [Fact]
    public async Task Circuit_is_shown_by_state_failures_and_transitions()
    {
        await using var app = TestPipelines.Of(o => (o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts) = (2, 1));
        using var meter = new MeterReader(app.Services);

        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        Assert.Equal(["resilience.circuit.failures{pipeline.name=payments} 1"], Of(meter, "resilience.circuit.failures"));
        Assert.Equal(0, State());
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        Assert.Equal(2, State());
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, State());
        app.Control.Isolate("payments");
        Assert.Equal(3, State());
        app.Control.Reset("payments");

        Assert.Equal(0, State());
        Assert.Equal(
            [
                "resilience.circuit.transitions{circuit.state=closed,pipeline.name=payments} 1",
                "resilience.circuit.transitions{circuit.state=isolated,pipeline.name=payments} 1",
                "resilience.circuit.transitions{circuit.state=open,pipeline.name=payments} 1",
            ],
            _transitions.Order(StringComparer.Ordinal));

        double State()
        {
            var collected = meter.Collect();
            _transitions.AddRange(collected.Where(one => one.Instrument == "resilience.circuit.transitions").Select(one => one.ToString()));
            return collected.Single(one => one.Instrument == "resilience.circuit.state").Value;
        }
    }

    [Fact]
    public async Task Bulkhead_is_shown_by_limit_slots_in_use_and_waiters()
    {
        await using var app = TestPipelines.Of(o => o.Bulkhead.MaxConcurrency = 2);
        using var meter = new MeterReader(app.Services);
        HeldCall[] calls = [new(app.Pipeline), new(app.Pipeline), new(app.Pipeline)];

        Assert.Equal(
            [
                "resilience.bulkhead.in_use{pipeline.name=payments} 2",
                "resilience.bulkhead.limit{pipeline.name=payments} 2",
                "resilience.bulkhead.waiting{pipeline.name=payments} 1",
            ],
            Of(meter, "resilience.bulkhead."));
        foreach (var call in calls)
        {
            await call.AttemptStartedAsync();
            await call.FinishAsync();
        }
    }

    [Fact]
    public async Task Alerts_are_one_while_they_are_raised()
    {
        await using var app = TestPipelines.Of(Brittle);
        using var meter = new MeterReader(app.Services);
        await app.StartAsync();

        app.Control.Isolate("payments");
        app.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(
            [
                "resilience.alerts{alert.kind=circuit_open,pipeline.name=payments} 1",
                "resilience.alerts{alert.kind=retry_rate,pipeline.name=payments} 0",
                "resilience.alerts{alert.kind=utilization,pipeline.name=payments} 0",
            ],
            Of(meter, "resilience.alerts"));
    }

    [Fact]
    public async Task Pipelines_of_two_applications_are_not_mixed()
    {
        await using var one = TestPipelines.Of(Brittle);
        await using var other = TestPipelines.Of(Brittle);
        using var meter = new MeterReader(one.Services);

        await new Dependency(Answers(1)).ThroughAsync(other.Pipeline);

        Assert.All(meter.Collect(), measured => Assert.NotEqual("resilience.call.duration", measured.Instrument));
    }

    private static void Brittle(PipelineOptions options)
    {
        (options.Retry.MaxAttempts, options.Retry.MinWait) = (2, TimeSpan.Zero);
        options.CircuitBreaker.FailureThreshold = 2;
        (options.Bulkhead.MaxConcurrency, options.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.Zero);
    }

    // Eight calls: two succeed, and one ends in each of the other ways; two of them are retried once.
    private static async Task EndInEveryWayAsync(TestPipelines app)
    {
        using var held = new HeldCall(app.Pipeline);
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        await held.FinishAsync();
        await new Dependency(Fails(), Answers(1)).ThroughAsync(app.Pipeline);
        await new Dependency(Answers(HttpStatusCode.NotFound)).ThroughAsync(app.Pipeline);
        using var cancelled = new HeldCall(app.Pipeline, heedsToken: true);
        cancelled.Cancel();
        await cancelled.FailureAsync();

        using var slow = new HeldCall(app.Pipeline, heedsToken: true);
        await slow.AttemptStartedAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await slow.AttemptStartedAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await slow.FailureAsync();
        await new Dependency(Answers(HttpStatusCode.InternalServerError)).ThroughAsync(app.Pipeline);
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
    }

    private static IEnumerable<string> Of(MeterReader meter, string prefix) =>
        meter.Collect().Where(one => one.Instrument == prefix || (prefix.EndsWith('.') && one.Instrument.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(one => one.ToString()).Order(StringComparer.Ordinal);
}
