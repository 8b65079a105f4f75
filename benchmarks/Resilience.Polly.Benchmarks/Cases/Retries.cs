using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Polly;

namespace Resilience.Polly.Benchmarks;

/// <summary>A call that succeeds at the second or third attempt. Waits are zero and nothing is thrown: what is left is the pipeline's own work.</summary>
/// <remarks>The retry budget is on, and so large that it is never spent; Polly has none.</remarks>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class Retries
{
    private static readonly TimeoutException Failure = new();

    private readonly ResiliencePipeline _polly = PollyPipelines.Four();

    private readonly ResiliencePipeline _named = NamedPipelines.Four(options =>
    {
        options.Retry.MinWait = TimeSpan.Zero;
        options.Retry.Budget.Ratio = 10;
    });

    [Benchmark(Baseline = true), BenchmarkCategory("second attempt")]
    public ValueTask<int> Polly_second() => RecoverAsync(_polly, 2);

    [Benchmark, BenchmarkCategory("second attempt")]
    public ValueTask<int> Named_second() => RecoverAsync(_named, 2);

    [Benchmark(Baseline = true), BenchmarkCategory("third attempt")]
    public ValueTask<int> Polly_third() => RecoverAsync(_polly, 3);

    [Benchmark, BenchmarkCategory("third attempt")]
    public ValueTask<int> Named_third() => RecoverAsync(_named, 3);

    private static async ValueTask<int> RecoverAsync(ResiliencePipeline pipeline, int attempt)
    {
        var state = new Attempts { Until = attempt };
        var result = await Calls.OutcomeAsync(
            pipeline, static (_, s) => new(++s.Made < s.Until ? Outcome.FromException<int>(Failure) : Outcome.FromResult(42)), state);
        return result == 42 && state.Made == attempt ? result : throw new InvalidOperationException($"{state.Made} attempts");
    }

    private sealed class Attempts
    {
        public int Until { get; init; }

        public int Made { get; set; }
    }
}
