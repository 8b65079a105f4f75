using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Benchmarks;

/// <summary>A pipeline had by its name: from the provider, and from the services by its key.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
#pragma warning disable CA1001 // lives as long as the process
public class Lookups
#pragma warning restore CA1001
{
    internal const int LookupsPerCall = 100;

    private readonly ServiceProvider _polly =
        new ServiceCollection().AddResiliencePipeline(NamedPipelines.Name, builder => builder.AddFour()).BuildServiceProvider();

    private readonly ServiceProvider _named = new ServiceCollection().AddResilience().AddPipeline(NamedPipelines.Name).Services.BuildServiceProvider();

    private readonly ResiliencePipelineProvider<string> _pollyProvider;
    private readonly ResiliencePipelineProvider<string> _namedProvider;

    public Lookups()
    {
        _pollyProvider = _polly.GetRequiredService<ResiliencePipelineProvider<string>>();
        _namedProvider = _named.GetRequiredService<ResiliencePipelineProvider<string>>();
    }

    // A loop each, not one for both: the runtime tunes a call for the one provider that it meets there, as in an application.
    [Benchmark(Baseline = true, OperationsPerInvoke = LookupsPerCall), BenchmarkCategory("GetPipeline")]
    public ResiliencePipeline Polly_GetPipeline()
    {
        var pipeline = ResiliencePipeline.Empty;
        for (var i = 0; i < LookupsPerCall; i++)
        {
            pipeline = _pollyProvider.GetPipeline(NamedPipelines.Name);
        }

        return pipeline;
    }

    [Benchmark(OperationsPerInvoke = LookupsPerCall), BenchmarkCategory("GetPipeline")]
    public ResiliencePipeline Named_GetPipeline()
    {
        var pipeline = ResiliencePipeline.Empty;
        for (var i = 0; i < LookupsPerCall; i++)
        {
            pipeline = _namedProvider.GetPipeline(NamedPipelines.Name);
        }

        return pipeline;
    }

    [Benchmark(Baseline = true), BenchmarkCategory("keyed service")]
    public ResiliencePipeline Polly_keyed() => _polly.GetRequiredKeyedService<ResiliencePipeline>(NamedPipelines.Name);

    [Benchmark, BenchmarkCategory("keyed service")]
    public ResiliencePipeline Named_keyed() => _named.GetRequiredKeyedService<ResiliencePipeline>(NamedPipelines.Name);
}
