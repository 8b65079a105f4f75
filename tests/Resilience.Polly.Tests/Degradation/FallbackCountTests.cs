using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Degradation;

/// <summary>Whose calls count as degraded, and where that is seen.</summary>
public class FallbackCountTests
{
    [Fact]
    public async Task Degraded_is_seen_in_snapshot_meter_and_listener_and_leaves_the_minute()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(Quick, listeners: recorder);
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.RequestId, "order-17");
        await app.Pipeline.ExecuteWithFallbackAsync(static (_, s) => s.CallAsync(default), context, new Dependency(Fails()), static (_, _, _) => new(7));
        ResilienceContextPool.Shared.Return(context);
        var before = app.Snapshot;
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var after = app.Snapshot;
        var metered = Metered(app);
        await app.DisposeAsync();

        Assert.Equal((1L, 1L, 0L, 1L), (before.Calls.Degraded, before.Lifetime.Degraded, after.Calls.Degraded, after.Lifetime.Degraded));
        Assert.Equal(("payments", 1L), metered);
        var told = Assert.Single(recorder.Degraded);
        Assert.Equal(("payments", before.At, "order-17"), (told.PipelineName, told.At, told.RequestId));
        Assert.Equal("order-17", Assert.IsType<ApiConnectionException>(told.Failure).RequestId);
    }

    [Fact]
    public async Task Degraded_a_good_call_is_not_counted_nor_told()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(Quick, listeners: recorder);
        Assert.Equal(1, await app.Pipeline.ExecuteWithFallbackAsync(new Dependency(Answers(1)).CallAsync, 7));
        Assert.Equal(0, app.Snapshot.Lifetime.Degraded);
        await app.DisposeAsync();
        Assert.Empty(recorder.Degraded);
    }

    [Fact]
    public async Task Degraded_pipeline_of_Pollys_own_works_and_nothing_is_counted()
    {
        var polly = new ResiliencePipelineBuilder().Build();

        Assert.Equal(7, await polly.ExecuteWithFallbackAsync(new Dependency(Fails()).CallAsync, 7));
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await polly.ExecuteWithFallbackAsync(new Dependency(Throws(new InvalidOperationException())).CallAsync, 7));
    }

    [Fact]
    public async Task Degraded_pipeline_around_ours_counts_for_ours()
    {
        await using var app = TestPipelines.Of(Quick);
        var around = new ResiliencePipelineBuilder().AddPipeline(app.Pipeline).Build();

        Assert.Equal(7, await around.ExecuteWithFallbackAsync(new Dependency(Fails()).CallAsync, 7));

        Assert.Equal(1, app.Snapshot.Calls.Degraded);
    }

    [Fact]
    public async Task Degraded_counts_for_the_pipeline_that_was_called_and_not_for_one_inside()
    {
        await using var app = Two();
        var (outer, inner) = (app.Provider.GetPipeline("outer"), app.Provider.GetPipeline("inner"));

        // In one context, so that both could leave word there.
        var context = ResilienceContextPool.Shared.Get();
        await outer.ExecuteWithFallbackAsync(
            static (c, i) => i.ExecuteAsync(static (_, _) => new Dependency(Fails()).CallAsync(default), c, 0), context, inner, static (_, _, _) => new(7));
        ResilienceContextPool.Shared.Return(context);

        Assert.Equal((1L, 0L), (app.Monitor.GetSnapshot("outer").Calls.Degraded, app.Monitor.GetSnapshot("inner").Calls.Degraded));
    }

    [Fact]
    public async Task Degraded_failure_inside_that_was_overcome_is_not_counted_for_a_later_one()
    {
        await using var app = Two();
        var inner = app.Provider.GetPipeline("inner");
        var context = ResilienceContextPool.Shared.Get();
        await new ResiliencePipelineBuilder().Build().ExecuteWithFallbackAsync(
            static async (c, i) =>
            {
                await Assert.ThrowsAsync<ApiConnectionException>(async () => await i.ExecuteAsync(static (_, _) => new Dependency(Fails()).CallAsync(default), c, 0));
                throw new TimeoutException();
            },
            context,
            inner,
            static (failure, _, _) => new ValueTask<int>(failure is ApiTimeoutException ? 7 : 0));
        ResilienceContextPool.Shared.Return(context);

        Assert.Equal((1L, 0L), (app.Monitor.GetSnapshot("inner").Calls.Failed, app.Monitor.GetSnapshot("inner").Calls.Degraded));
    }

    private static (string, long) Metered(TestPipelines app)
    {
        var seen = new List<(string, long)>();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "resilience.degraded" && instrument.Meter.Scope == app.Services.GetRequiredService<IMeterFactory>())
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>((_, value, tags, _) => seen.Add(((string)tags[0].Value!, value)));
        meters.Start();
        meters.RecordObservableInstruments();
        return Assert.Single(seen);
    }

    private static TestPipelines Two() => new(services => services.AddResilience().AddPipeline("outer", Quick).AddPipeline("inner", Quick));

    private static void Quick(PipelineOptions options) => options.Retry.MaxAttempts = 1;
}
