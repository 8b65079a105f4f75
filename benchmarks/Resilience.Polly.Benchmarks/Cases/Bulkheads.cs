using BenchmarkDotNet.Attributes;
using Polly;

namespace Resilience.Polly.Benchmarks;

/// <summary>One slot that is always taken, and callers in line for it: each call ends by handing the slot to the next.</summary>
[MemoryDiagnoser]
public class Bulkheads
{
    internal const int CallsPerInvoke = 6_500;

    private readonly ResiliencePipeline _polly = PollyPipelines.Four(slots: 1);

    private readonly ResiliencePipeline _named = NamedPipelines.Four(options =>
    {
        options.Bulkhead.MaxConcurrency = 1;
        options.Bulkhead.AcquisitionTimeout = TimeSpan.FromMinutes(10);
    });

    [Params(1, 8, 64)]
    public int Waiters { get; set; }

    [Benchmark(Baseline = true, OperationsPerInvoke = CallsPerInvoke)]
    public Task Polly_in_line() => CallAsync(_polly);

    [Benchmark(OperationsPerInvoke = CallsPerInvoke)]
    public Task Named_in_line() => CallAsync(_named);

    private Task CallAsync(ResiliencePipeline pipeline)
    {
        var left = CallsPerInvoke;
        return Task.WhenAll(Enumerable.Range(0, Waiters + 1).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await pipeline.ExecuteAsync(static _ => Calls.YieldAsync(), CancellationToken.None);
            }
        })));
    }
}
