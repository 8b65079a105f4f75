using System.Diagnostics;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Polly.Registry;

using Resilience.Polly.Statistics;

namespace Resilience.Polly.Benchmarks;

/// <summary>What watching costs: of each call while nobody watches, and of a look at 1,000 pipelines in use.</summary>
/// <remarks>
/// The first does by itself what the flow does for monitoring in each call: ask for listeners, take the time at the end, count.
/// The time at the start is not in it: the retry budget needs that one too. The second has calls in each of the minute's twelve parts.
/// </remarks>
[MemoryDiagnoser]
public class Monitoring
{
    private static readonly ActivitySource Source = new("Benchmarks");
    private static readonly Histogram<double> Duration = new Meter("Benchmarks").CreateHistogram<double>("duration");

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly long _startedAt = TimeProvider.System.GetTimestamp();
    private readonly CallStatistics _calls = new(TimeProvider.System);
    private IResilienceMonitor _monitor = null!;

    [GlobalSetup]
    public async Task UseAll()
    {
        var clock = new FakeTimeProvider();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(clock);
        var builder = services.AddResilience();
        string[] names = [.. Enumerable.Range(0, 1_000).Select(number => $"service-{number}")];
        Array.ForEach(names, name => builder.AddPipeline(name));
        var provider = services.BuildServiceProvider();
        var pipelines = provider.GetRequiredService<ResiliencePipelineProvider<string>>();
        for (var part = 0; part < 12; part++)
        {
            foreach (var name in names)
            {
                await pipelines.GetPipeline(name).ExecuteAsync(static _ => ValueTask.CompletedTask);
            }

            clock.Advance(TimeSpan.FromSeconds(4.9));
        }

        _monitor = provider.GetRequiredService<IResilienceMonitor>();
    }

    [Benchmark]
    public bool Call_that_nobody_watches()
    {
        var isWatched = Source.HasListeners();
        var endedAt = _clock.GetTimestamp();
        _calls.Count(CallResult.Succeeded, 1, _startedAt, endedAt);
        return isWatched || Duration.Enabled;
    }

    [Benchmark]
    public IReadOnlyList<PipelineSnapshot> Snapshot_of_1000_pipelines() => _monitor.GetSnapshots();
}
