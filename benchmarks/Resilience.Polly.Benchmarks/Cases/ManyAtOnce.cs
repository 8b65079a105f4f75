using BenchmarkDotNet.Attributes;
using Polly;

namespace Resilience.Polly.Benchmarks;

/// <summary>A thousand calls that begin at once: twenty have a slot, the others stand in line.</summary>
[MemoryDiagnoser]
public class ManyAtOnce
{
    internal const int CallsPerInvoke = 1_000;

    private readonly ResiliencePipeline _polly = PollyPipelines.Four();
    private readonly ResiliencePipeline _named = NamedPipelines.Four(options => options.Bulkhead.AcquisitionTimeout = TimeSpan.FromMinutes(10));

    [Benchmark(Baseline = true, OperationsPerInvoke = CallsPerInvoke)]
    public Task Polly_many() => CallAsync(_polly);

    [Benchmark(OperationsPerInvoke = CallsPerInvoke)]
    public Task Named_many() => CallAsync(_named);

    private static Task<int[]> CallAsync(ResiliencePipeline pipeline) => Task.WhenAll(
        Enumerable.Range(0, CallsPerInvoke).Select(_ => pipeline.ExecuteAsync(static _ => Calls.YieldAsync(), CancellationToken.None).AsTask()));
}
