using BenchmarkDotNet.Attributes;
using Polly;

namespace Resilience.Polly.Benchmarks;

/// <summary>A healthy call with the key of one of ten hosts, in a pipeline with partitions and in one without.</summary>
[MemoryDiagnoser]
public class Partitions
{
    private readonly ResiliencePipeline _partitioned = NamedPipelines.Four(options => options.PartitionBy = PartitionBy.Key);
    private readonly ResiliencePipeline _whole = NamedPipelines.Four();
    private readonly ResilienceContext[] _contexts = [.. Enumerable.Range(0, 10).Select(WithKey)];
    private int _next;

    [Benchmark(Baseline = true)]
    public ValueTask<int> Without() => _whole.ExecuteAsync(static _ => new ValueTask<int>(42), Next());

    [Benchmark]
    public ValueTask<int> With() => _partitioned.ExecuteAsync(static _ => new ValueTask<int>(42), Next());

    private ResilienceContext Next()
    {
        _next = _next == _contexts.Length - 1 ? 0 : _next + 1;
        return _contexts[_next];
    }

    private static ResilienceContext WithKey(int host)
    {
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.Partition, $"https://api-{host}.example:443");
        return context;
    }
}
