using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Polly;

namespace Resilience.Polly.Benchmarks;

/// <summary>Timeout, retry, circuit breaker and bulkhead around a healthy call: a named pipeline beside Polly's own four strategies.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
#pragma warning disable CA1001 // lives as long as the process
public class FourPatterns
#pragma warning restore CA1001
{
    private readonly ResiliencePipeline _polly = PollyPipelines.Four();
    private readonly ResiliencePipeline _named = NamedPipelines.Four();
    private readonly CancellationTokenSource _caller = new();

    [Benchmark(Baseline = true), BenchmarkCategory("synchronous")]
    public ValueTask<int> Polly_synchronous() => _polly.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);

    [Benchmark, BenchmarkCategory("synchronous")]
    public ValueTask<int> Named_synchronous() => _named.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);

    [Benchmark(Baseline = true), BenchmarkCategory("yielding")]
    public ValueTask<int> Polly_yielding() => _polly.ExecuteAsync(static _ => Calls.YieldAsync(), CancellationToken.None);

    [Benchmark, BenchmarkCategory("yielding")]
    public ValueTask<int> Named_yielding() => _named.ExecuteAsync(static _ => Calls.YieldAsync(), CancellationToken.None);

    [Benchmark(Baseline = true), BenchmarkCategory("Execute")]
    public int Polly_Execute() => _polly.Execute(static () => 42);

    [Benchmark, BenchmarkCategory("Execute")]
    public int Named_Execute() => _named.Execute(static () => 42);

    [Benchmark(Baseline = true), BenchmarkCategory("ExecuteOutcomeAsync")]
    public ValueTask<int> Polly_ExecuteOutcomeAsync() => Calls.OutcomeAsync(_polly, static (_, _) => new(Outcome.FromResult(42)), 0);

    [Benchmark, BenchmarkCategory("ExecuteOutcomeAsync")]
    public ValueTask<int> Named_ExecuteOutcomeAsync() => Calls.OutcomeAsync(_named, static (_, _) => new(Outcome.FromResult(42)), 0);

    [Benchmark(Baseline = true), BenchmarkCategory("caller's token")]
    public ValueTask<int> Polly_with_token() => _polly.ExecuteAsync(static _ => new ValueTask<int>(42), _caller.Token);

    [Benchmark, BenchmarkCategory("caller's token")]
    public ValueTask<int> Named_with_token() => _named.ExecuteAsync(static _ => new ValueTask<int>(42), _caller.Token);
}
