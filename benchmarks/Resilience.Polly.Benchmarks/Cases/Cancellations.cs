using BenchmarkDotNet.Attributes;
using Polly;

namespace Resilience.Polly.Benchmarks;

/// <summary>A call that its caller gives up while it runs.</summary>
[MemoryDiagnoser]
public class Cancellations
{
    private readonly ResiliencePipeline _polly = PollyPipelines.Four();
    private readonly ResiliencePipeline _named = NamedPipelines.Four();

    [Benchmark(Baseline = true)]
    public ValueTask<int> Polly_cancelled() => CancelAsync(_polly);

    [Benchmark]
    public ValueTask<int> Named_cancelled() => CancelAsync(_named);

    private static async ValueTask<int> CancelAsync(ResiliencePipeline pipeline)
    {
        using var caller = new CancellationTokenSource();
        var call = pipeline.ExecuteAsync(
            static async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return 42;
            },
            caller.Token);
        await caller.CancelAsync();
        try
        {
            return await call;
        }
        catch (OperationCanceledException)
        {
            return -1;
        }
    }
}
