using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>What pipelines cost that were used and are idle: in bytes of this thread, which does all the work here.</summary>
[Collection(nameof(Pipelines.AllocationTests.Alone))]
public class IdleCostTests
{
    private const int Count = 1_000;

    private static readonly string[] Names = [.. Enumerable.Range(0, Count).Select(number => $"service-{number}")];

    [Fact]
    public async Task Second_with_1000_idle_pipelines_allocates_nothing_for_a_pipeline()
    {
        await using var app = await StartAsync();

        // The goal is 0.5 MB a second for 10,000: 50 B for each.
        Assert.InRange(BytesOf(() => app.Clock.Advance(TimeSpan.FromSeconds(1))), 0, Count);

        app.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.InRange(BytesOf(() => app.Clock.Advance(TimeSpan.FromSeconds(1))), 0, Count);
    }

    [Fact]
    public async Task Snapshots_of_1000_idle_pipelines_share_what_did_not_change()
    {
        await using var app = await StartAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.InRange(BytesOf(() => app.Monitor.GetSnapshots()), 0, 450 * Count);
    }

    [Fact]
    public async Task Collection_of_the_meter_allocates_nothing_for_what_did_not_change()
    {
        await using var app = await StartAsync();
        var factory = app.Services.GetRequiredService<IMeterFactory>();
        long seen = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => seen++);
        listener.SetMeasurementEventCallback<int>((_, _, _, _) => seen++);
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => seen++);
        listener.Start();

        Assert.InRange(BytesOf(listener.RecordObservableInstruments), 0, 20 * Count);
        Assert.Equal(26 * Count, seen / 2);
    }

    [Fact]
    public async Task Collections_at_the_same_time_while_counts_change_each_see_every_pipeline_once()
    {
        await using var app = await StartAsync(names: 50);
        var collecting = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using var meter = new MeterReader(app.Services);
            long before = 0;
            for (var round = 0; round < 50; round++)
            {
                var succeeded = meter.Collect().Where(one => one.Instrument == "resilience.calls" && one.Tags["call.result"] == "succeeded").ToList();
                Assert.Equal(50, succeeded.Select(one => one.Tags["pipeline.name"]).Distinct().Count());
                Assert.Equal(50, succeeded.Count);
                var total = (long)succeeded.Sum(one => one.Value);
                Assert.True(total >= before, $"{total} after {before}");
                before = total;
            }
        })).ToArray();

        while (!Task.WhenAll(collecting).IsCompleted)
        {
            await app.Provider.GetPipeline(Names[Random.Shared.Next(50)]).ExecuteAsync(static _ => ValueTask.CompletedTask);
        }

        await Task.WhenAll(collecting);
    }

    [Fact]
    public async Task Options_of_a_snapshot_are_those_of_its_moment_and_a_copy()
    {
        var json = new LiveJson("""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 3 } } } }""");
        await using var app = new TestPipelines(services => services.AddResilience(json.Section));
        var before = app.Snapshot;
        json.Change("""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 7 } } } }""");
        var after = app.Snapshot;

        Assert.Equal((3, 7), (before.Options.Retry.MaxAttempts, after.Options.Retry.MaxAttempts));
        Assert.Same(after.Options, after.Options);
        after.Options.Retry.MaxAttempts = 1;
        Assert.Equal((1, 7), (after.Options.Retry.MaxAttempts, app.Snapshot.Options.Retry.MaxAttempts));
    }

    private static async Task<TestPipelines> StartAsync(int names = Count)
    {
        var app = new TestPipelines(services =>
        {
            var builder = services.AddResilience();
            Array.ForEach(Names[..names], name => builder.AddPipeline(name));
        });
        await app.StartAsync();
        foreach (var name in Names[..names])
        {
            await app.Provider.GetPipeline(name).ExecuteAsync(static _ => ValueTask.CompletedTask);
        }

        return app;
    }

    private static long BytesOf(Action work)
    {
        work(); // makes what is made once
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
