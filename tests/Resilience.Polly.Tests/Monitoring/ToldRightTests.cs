using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Telemetry;
using Polly.Timeout;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>What events, metrics and exceptions tell is what happened.</summary>
public class ToldRightTests
{
    [Fact]
    public async Task OnRetry_tells_how_long_the_attempt_took_and_neither_the_wait_for_a_slot_nor_the_attempts_before()
    {
        var heard = new Durations();
        await using var app = new TestPipelines(services =>
        {
            services.Configure<TelemetryOptions>(options => options.TelemetryListeners.Add(heard));
            services.AddResilience().AddPipeline(TestPipelines.Name, o => (o.Retry.MinWait, o.Retry.MaxWait, o.Bulkhead.MaxConcurrency) = (TimeSpan.Zero, TimeSpan.Zero, 1));
        });
        using var holder = new HeldCall(app.Pipeline);
        var attempts = 0;
        var call = app.Pipeline.ExecuteAsync(
            _ =>
            {
                app.Clock.Advance(TimeSpan.FromSeconds(++attempts));
                return attempts < 3 ? throw new SocketException((int)SocketError.ConnectionRefused) : ValueTask.CompletedTask;
            },
            TestContext.Current.CancellationToken).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(4));

        await holder.FinishAsync();
        await call;

        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], heard.Seen);
    }

    [Fact]
    public async Task Spent_retry_budget_is_an_event_a_count_and_a_metric()
    {
        var heard = new Recorder();
        await using var app = TestPipelines.Of(o => (o.Retry.Budget.Ratio, o.Retry.Budget.ReservePerSecond) = (0, 0), listeners: heard);
        using var meter = new MeterReader(app.Services);
        await using var stream = app.Monitor.WatchAsync(TestPipelines.Name, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline);

        Assert.Equal((1, 1), (app.Snapshot.Calls.RetryBudgetSpent, app.Snapshot.Lifetime.RetryBudgetSpent));
        Assert.Equal((1, 1, 0), (app.Snapshot.Calls.Failed, app.Snapshot.Calls.Succeeded, app.Snapshot.Calls.Retries));
        Assert.Equal("resilience.retry.budget_spent{pipeline.name=payments} 1", Assert.Single(meter.Collect(), one => one.Instrument == "resilience.retry.budget_spent").ToString());
        Assert.True(await stream.MoveNextAsync());
        Assert.IsType<RetryBudgetSpentEvent>(stream.Current);
        await app.DisposeAsync();
        var spent = Assert.Single(heard.BudgetsSpent);
        Assert.Equal(("payments", 1, "SocketException (ConnectionRefused)"), (spent.PipelineName, spent.Attempt, spent.Reason));
        Assert.IsType<SocketException>(spent.Exception);
    }

    [Fact]
    public async Task Histograms_advise_buckets_from_a_millisecond_to_100_seconds()
    {
        await using var app = TestPipelines.Of(_ => { });
        using var meter = new MeterReader(app.Services);
        _ = app.Pipeline;

        var histograms = meter.Instruments.Values.OfType<Histogram<double>>().ToArray();

        Assert.NotEmpty(histograms);
        Assert.All(histograms, histogram =>
        {
            var bounds = histogram.Advice?.HistogramBucketBoundaries;
            Assert.NotNull(bounds);
            Assert.Equal((0.001, 100), (bounds[0], bounds[^1]));

            // A percentile is off by less than the width of a bucket.
            Assert.All(bounds.Zip(bounds.Skip(1)), pair => Assert.InRange(pair.Second / pair.First, 1.5, 2.5));
        });
    }

    [Theory]
    [InlineData("attempt", typeof(TimeoutRejectedException), "Timeout")]
    [InlineData("own", typeof(TimeoutRejectedException), "Timeout")]
    [InlineData("total", typeof(TimeoutRejectedException), "Timeout")]
    [InlineData("open", typeof(BrokenCircuitException), "CircuitBreaker")]
    [InlineData("isolated", typeof(IsolatedCircuitException), "CircuitBreaker")]
    [InlineData("no slot", typeof(RateLimiterRejectedException), "Bulkhead")]
    [InlineData("no place", typeof(RateLimiterRejectedException), "Bulkhead")]
    [InlineData("shed", typeof(RateLimiterRejectedException), "LoadShedding")]
    public async Task Exception_of_Pollys_tells_its_pipeline_and_strategy(string how, Type type, string strategy)
    {
        var load = new FakeLoad();
        load.Set(1, 1);
        await using var app = new TestPipelines(services => services.AddSingleton<ILoadReader>(load).AddResilience().AddLoadShedding().AddPipeline(TestPipelines.Name, o =>
        {
            o.MapExceptions = false;
            o.Retry.MaxAttempts = 1;
            o.Timeout.Total = how == "total" ? TimeSpan.FromSeconds(1) : null;
            o.CircuitBreaker.FailureThreshold = how == "open" ? 1 : 5;
            (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout, o.Bulkhead.MaxQueue) = (1, how == "no slot" ? TimeSpan.Zero : TimeSpan.FromSeconds(1), 0);
            (o.LoadShedding.Enabled, o.LoadShedding.Share) = (how == "shed", 1);
        }));
        await app.StartAsync();
        HeldCall? holder = null;
        switch (how)
        {
            case "open":
                await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
                break;
            case "isolated":
                app.Control.Isolate(TestPipelines.Name);
                break;
            case "no slot" or "no place":
                holder = new HeldCall(app.Pipeline);
                break;
            case "shed":
                app.Pass(1);
                break;
        }

        var failure = how is "attempt" or "own" or "total" ? await TimedOutAsync(app, how == "own") : (await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline)).Exception;

        var source = Assert.IsAssignableFrom<ExecutionRejectedException>(failure).TelemetrySource;
        Assert.IsType(type, failure);
        Assert.Equal((TestPipelines.Name, null, strategy), (source?.PipelineName, source?.PipelineInstanceName, source?.StrategyName));
        await (holder?.FinishAsync() ?? Task.CompletedTask);
        holder?.Dispose();
    }

    private static async Task<Exception?> TimedOutAsync(TestPipelines app, bool own)
    {
        var context = ResilienceContextPool.Shared.Get(TestContext.Current.CancellationToken);
        if (own)
        {
            context.Properties.Set(CallProperties.AttemptTimeout, TimeSpan.FromSeconds(2));
        }

        var call = app.Pipeline.ExecuteAsync(async c => await Task.Delay(Timeout.Infinite, c.CancellationToken), context).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        return await Record.ExceptionAsync(() => call);
    }

    private sealed class Durations : TelemetryListener
    {
        public List<TimeSpan> Seen { get; } = [];

        public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
        {
            if (args.Arguments is OnRetryArguments<TResult> retry)
            {
                Seen.Add(retry.Duration);
            }
        }
    }
}
