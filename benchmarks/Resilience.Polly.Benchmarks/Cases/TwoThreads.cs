using BenchmarkDotNet.Attributes;
using Polly;

namespace Resilience.Polly.Benchmarks;

/// <summary>Two threads that call through one pipeline, each as fast as it can.</summary>
[MemoryDiagnoser]
public class TwoThreads
{
    internal const int CallsPerThread = 20_000;

    private readonly ResiliencePipeline _polly = PollyPipelines.Four();
    private readonly ResiliencePipeline _named = NamedPipelines.Four();

    [Benchmark(Baseline = true, OperationsPerInvoke = 2 * CallsPerThread)]
    public Task Polly_two_threads() => CallAsync(_polly);

    [Benchmark(OperationsPerInvoke = 2 * CallsPerThread)]
    public Task Named_two_threads() => CallAsync(_named);

    private static Task CallAsync(ResiliencePipeline pipeline)
    {
        return Task.WhenAll(Task.Run(LoopAsync), Task.Run(LoopAsync));

        async Task LoopAsync()
        {
            for (var i = 0; i < CallsPerThread; i++)
            {
                await pipeline.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);
            }
        }
    }
}
