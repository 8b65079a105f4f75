using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Polly;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Benchmarks;

/// <summary>A call that an open circuit rejects: as an outcome, and thrown, which here also means mapped to <see cref="CircuitOpenException"/>.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class OpenCircuits
{
    private readonly ResiliencePipeline _polly = Opened(PollyPipelines.Four(circuit: options =>
    {
        options.MinimumThroughput = 2;
        options.BreakDuration = TimeSpan.FromDays(1);
    }));

    private readonly ResiliencePipeline _named = Opened(NamedPipelines.Four(options =>
    {
        options.Retry.MaxAttempts = 1;
        options.CircuitBreaker.FailureThreshold = 2;
        options.CircuitBreaker.RecoveryTimeout = TimeSpan.FromDays(1);
    }));

    [Benchmark(Baseline = true), BenchmarkCategory("outcome")]
    public ValueTask<int> Polly_outcome() => Calls.OutcomeAsync(_polly, static (_, _) => new(Outcome.FromResult(42)), 0);

    [Benchmark, BenchmarkCategory("outcome")]
    public ValueTask<int> Named_outcome() => Calls.OutcomeAsync(_named, static (_, _) => new(Outcome.FromResult(42)), 0);

    [Benchmark(Baseline = true), BenchmarkCategory("thrown")]
    public ValueTask<int> Polly_thrown() => Calls.CatchAsync<BrokenCircuitException>(_polly);

    [Benchmark, BenchmarkCategory("thrown")]
    public ValueTask<int> Named_thrown() => Calls.CatchAsync<CircuitOpenException>(_named);

    private static ResiliencePipeline Opened(ResiliencePipeline pipeline)
    {
        for (var failure = 0; failure < 2; failure++)
        {
            try
            {
                pipeline.Execute(static () => throw new TimeoutException());
            }
            catch (Exception exception) when (exception is TimeoutException or ApiTimeoutException)
            {
            }
        }

        var isOpen = Calls.CatchAsync<Exception>(pipeline).AsTask().Result < 0;
        return isOpen ? pipeline : throw new InvalidOperationException("The circuit should be open by now.");
    }
}
