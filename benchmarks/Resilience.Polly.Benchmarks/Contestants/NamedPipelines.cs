using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Benchmarks;

/// <summary>A pipeline of this library with its defaults, but for what a case needs otherwise.</summary>
internal static class NamedPipelines
{
    public const string Name = "payments";

    public static ResiliencePipeline Four(Action<PipelineOptions>? configure = null) =>
        new ServiceCollection().AddResilience().AddPipeline(Name, configure ?? (_ => { })).Services
            .BuildServiceProvider()
            .GetRequiredService<ResiliencePipelineProvider<string>>()
            .GetPipeline(Name);
}
