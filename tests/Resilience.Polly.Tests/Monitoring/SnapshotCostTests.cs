using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>A look at many pipelines is cheap enough for every second.</summary>
[Collection(nameof(Pipelines.AllocationTests.Alone))]
public class SnapshotCostTests
{
    // The goal is 5 ms, which the benchmark shows; ten times that is for machines that do something else too.
    [Fact]
    public async Task Snapshots_of_1000_used_pipelines_take_milliseconds()
    {
        string[] names = [.. Enumerable.Range(0, 1_000).Select(number => $"service-{number}")];
        await using var app = new TestPipelines(services =>
        {
            var builder = services.AddResilience();
            Array.ForEach(names, name => builder.AddPipeline(name));
        });
        for (var part = 0; part < 12; part++)
        {
            foreach (var name in names)
            {
                await app.Provider.GetPipeline(name).ExecuteAsync(_ => ValueTask.CompletedTask);
            }

            app.Clock.Advance(TimeSpan.FromSeconds(4.9));
        }

        var best = TimeSpan.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var watch = Stopwatch.StartNew();
            var snapshots = app.Monitor.GetSnapshots();
            best = watch.Elapsed < best ? watch.Elapsed : best;
            Assert.Equal(12_000, snapshots.Sum(snapshot => snapshot.Calls.Total));
        }

        Assert.InRange(best, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
    }
}
