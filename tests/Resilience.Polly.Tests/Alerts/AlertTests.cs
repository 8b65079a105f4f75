using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Alerts;

/// <summary>Alerts over a scripted time: raised once, cleared once, and told to everybody.</summary>
public class AlertTests
{
    private readonly Recorder _heard = new();

    [Fact]
    public async Task RetryRate_over_a_scripted_minute_raises_once_and_clears_once()
    {
        await using var app = await StartAsync(o => (o.Retry.MinWait, o.Retry.Budget.Enabled) = (TimeSpan.Zero, false));
        for (var second = 0; second < 60; second++)
        {
            for (var call = 0; call < 10; call++)
            {
                await new Dependency(second is >= 10 and < 20 && call < 5 ? Fails() : Answers(1), Answers(1)).ThroughAsync(app.Pipeline);
            }

            app.Pass(1);
        }

        var raised = Assert.Single(app.Snapshot.Alerts);
        Assert.Equal((AlertKind.RetryRate, 0.1), (raised.Kind, raised.Threshold));
        Assert.InRange(raised.Value, 0.1, 0.5);

        app.Pass(90); // the minute with the retries is over, and nothing is called
        Assert.Empty(app.Snapshot.Alerts);
        await app.DisposeAsync();
        Assert.Equal(raised, Assert.Single(_heard.Raised));
        Assert.Equal(raised, Assert.Single(_heard.Cleared));
    }

    [Fact]
    public async Task RetryRate_of_a_few_calls_is_no_alert()
    {
        await using var app = await StartAsync(o => (o.Retry.MinWait, o.Alerts.MinimumCalls) = (TimeSpan.Zero, 3));
        await new Dependency(Fails(), Answers(1)).ThroughAsync(app.Pipeline);
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        app.Pass(30);
        Assert.Empty(app.Snapshot.Alerts);
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        app.Pass(10);
        Assert.Single(app.Snapshot.Alerts);
    }

    [Fact]
    public async Task Utilization_must_last_and_a_value_on_the_edge_raises_once()
    {
        await using var app = await StartAsync(o => o.Bulkhead.MaxConcurrency = 10);
        var calls = new Stack<HeldCall>();
        void Hold(int count)
        {
            while (calls.Count < count)
            {
                calls.Push(new HeldCall(app.Pipeline));
            }

            while (calls.Count > count)
            {
                calls.Pop().Answer();
            }

            app.Pass(4);
        }

        Hold(9);
        Hold(8);
        Hold(9);
        Assert.Empty(app.Snapshot.Alerts); // never longer than the hold of 5 seconds
        Hold(9);
        Assert.Equal(AlertKind.Utilization, Assert.Single(app.Snapshot.Alerts).Kind);
        for (var swing = 0; swing < 5; swing++)
        {
            Hold(7);
            Hold(9);
        }

        Assert.Single(app.Snapshot.Alerts);
        Hold(6);
        Hold(6);
        Assert.Empty(app.Snapshot.Alerts);
        Hold(0);
        await app.DisposeAsync();
        Assert.Equal((1, 1), (_heard.Raised.Count, _heard.Cleared.Count));
    }

    [Fact]
    public async Task Alert_that_is_over_tells_its_peak_in_the_past()
    {
        await using var app = await StartAsync(o => (o.Bulkhead.MaxConcurrency, o.Alerts.Hold) = (10, TimeSpan.Zero));
        var calls = new Stack<HeldCall>();
        foreach (var inUse in new[] { 9, 10, 9 })
        {
            while (calls.Count < inUse)
            {
                calls.Push(new HeldCall(app.Pipeline));
            }

            while (calls.Count > inUse)
            {
                calls.Pop().Answer();
            }

            app.Pass(2);
        }

        var alert = Assert.Single(app.Snapshot.Alerts);
        Assert.Equal((0.9, 1), (alert.Value, alert.Peak));
        while (calls.TryPop(out var call))
        {
            call.Answer();
        }

        app.Pass(2);
        await app.DisposeAsync();
        Assert.Equal("payments: 90 % of 10 slots are in use, more than 80 %", Assert.Single(_heard.Raised).Message);
        Assert.Equal("payments: up to 100 % of the slots were in use, more than 80 %", Assert.Single(_heard.Cleared).ClearedMessage);
    }

    [Fact]
    public async Task CircuitOpen_lasts_from_the_opening_until_it_is_closed()
    {
        await using var app = await StartAsync(o => (o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts) = (1, 1));
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        app.Pass(1);
        var alert = Assert.Single(app.Snapshot.Alerts);
        Assert.Equal("payments: the circuit is Open: 1 failure, the last: SocketException (ConnectionRefused)", alert.Message);
        app.Pass(30);
        Assert.Equal(alert, Assert.Single(app.Snapshot.Alerts)); // half-open is not closed
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        app.Pass(31);
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        app.Pass(1);
        Assert.Empty(app.Snapshot.Alerts);
        await app.DisposeAsync();
        Assert.Equal((1, 1), (_heard.Raised.Count, _heard.Cleared.Count));
    }

    [Fact]
    public async Task Alerts_that_are_switched_off_are_not_raised()
    {
        await using var app = await StartAsync(o =>
        {
            (o.CircuitBreaker.FailureThreshold, o.Retry.MinWait, o.Bulkhead.MaxConcurrency) = (1, TimeSpan.Zero, 1);
            (o.Alerts.CircuitOpen, o.Alerts.RetryRate, o.Alerts.Utilization, o.Alerts.MinimumCalls) = (false, 1, 1, 1);
        });
        var held = new HeldCall(app.Pipeline);
        app.Pass(20);
        held.Answer();
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        app.Pass(20);
        Assert.Empty(app.Snapshot.Alerts);
    }

    [Fact]
    public async Task Look_that_fails_is_logged_and_the_next_one_comes()
    {
        var log = new LogRecorder();
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log).AddProvider(new BrokenLog(8)));
            services.AddResilience().AddListener(_heard).AddPipeline("payments", o => (o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts) = (1, 1));
        });
        await app.StartAsync();
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        app.Pass(1);
        app.Control.Reset("payments");
        app.Pass(1);

        Assert.Single(log.Lines, "Error: A check of alerts or load failed; the next one comes in a second");
        Assert.Contains(log.Lines, line => line.StartsWith("Information: Alert is over", StringComparison.Ordinal));
    }

    private async Task<TestPipelines> StartAsync(Action<PipelineOptions> configure)
    {
        var app = TestPipelines.Of(configure, listeners: _heard);
        await app.StartAsync();

        return app;
    }
}
