using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Polly;
using Polly.RateLimiting;

namespace Resilience.Polly.Benchmarks;

/// <summary>A call that finds all slots taken and does not wait: as an outcome, and thrown, which here also means mapped to <see cref="PoolTimeoutException"/>.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class Rejections
{
    private readonly ResiliencePipeline _polly = Saturated(PollyPipelines.Four(slots: 1, waiters: 0));

    private readonly ResiliencePipeline _named = Saturated(NamedPipelines.Four(options =>
    {
        options.Bulkhead.MaxConcurrency = 1;
        options.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
        options.Timeout.Read = Timeout.InfiniteTimeSpan;
    }));

    [Benchmark(Baseline = true), BenchmarkCategory("outcome")]
    public ValueTask<int> Polly_outcome() => Calls.OutcomeAsync(_polly, static (_, _) => new(Outcome.FromResult(42)), 0);

    [Benchmark, BenchmarkCategory("outcome")]
    public ValueTask<int> Named_outcome() => Calls.OutcomeAsync(_named, static (_, _) => new(Outcome.FromResult(42)), 0);

    [Benchmark(Baseline = true), BenchmarkCategory("thrown")]
    public ValueTask<int> Polly_thrown() => Calls.CatchAsync<RateLimiterRejectedException>(_polly);

    [Benchmark, BenchmarkCategory("thrown")]
    public ValueTask<int> Named_thrown() => Calls.CatchAsync<PoolTimeoutException>(_named);

    // A delegate that never ends, and heeds no timeout, keeps the slot.
    private static ResiliencePipeline Saturated(ResiliencePipeline pipeline)
    {
        _ = pipeline.ExecuteAsync(static async _ => await new TaskCompletionSource().Task, CancellationToken.None).AsTask();
        var isFull = Calls.CatchAsync<Exception>(pipeline).AsTask().Result < 0;
        return isFull ? pipeline : throw new InvalidOperationException("The slot should be taken.");
    }
}
