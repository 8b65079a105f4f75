using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;
using Polly.Retry;

namespace Resilience.Polly.Benchmarks;

/// <summary>Timeout, retry, circuit breaker and bulkhead around a healthy call: a named pipeline beside Polly's own four strategies.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class FourPatterns
{
    private readonly ResiliencePipeline _polly = new ResiliencePipelineBuilder()
        .AddConcurrencyLimiter(20, int.MaxValue)
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions())
        .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 2 })
        .AddTimeout(TimeSpan.FromSeconds(30))
        .Build();

    private readonly ResiliencePipeline _named = new ServiceCollection()
        .AddResilience().AddPipeline("payments").Services
        .BuildServiceProvider()
        .GetRequiredService<ResiliencePipelineProvider<string>>()
        .GetPipeline("payments");

    [Benchmark(Baseline = true), BenchmarkCategory("synchronous")]
    public ValueTask<int> Polly_synchronous() => _polly.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);

    [Benchmark, BenchmarkCategory("synchronous")]
    public ValueTask<int> Named_synchronous() => _named.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);

    [Benchmark(Baseline = true), BenchmarkCategory("yielding")]
    public ValueTask<int> Polly_yielding() => _polly.ExecuteAsync(static _ => YieldAsync(), CancellationToken.None);

    [Benchmark, BenchmarkCategory("yielding")]
    public ValueTask<int> Named_yielding() => _named.ExecuteAsync(static _ => YieldAsync(), CancellationToken.None);

    private static async ValueTask<int> YieldAsync()
    {
        await Task.Yield();
        return 42;
    }
}
