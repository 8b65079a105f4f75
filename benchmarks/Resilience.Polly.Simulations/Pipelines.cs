using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;
using Polly.Retry;

namespace Resilience.Polly.Simulations;

/// <summary>The pipelines that are compared.</summary>
public static class Pipelines
{
    /// <summary>A pipeline of this library.</summary>
    public static (ResiliencePipeline Pipeline, IResilienceMonitor Monitor) Ours(VirtualTime time, Action<PipelineOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddResilience().AddPipeline("station", configure);
        var provider = services.BuildServiceProvider();
        return (provider.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline("station"), provider.GetRequiredService<IResilienceMonitor>());
    }

    /// <summary>Three attempts with the waits of this library's defaults, and nothing else.</summary>
    public static ResiliencePipeline BareRetries(VirtualTime time) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 2, Delay = TimeSpan.FromSeconds(1), BackoffType = DelayBackoffType.Exponential, UseJitter = true,
        })
        .AddTimeout(TimeSpan.FromSeconds(30))
        .Build();

    /// <summary>Polly's strategies with the numbers of <c>AddStandardResilienceHandler</c>: limiter, total timeout, retry, circuit breaker, attempt timeout.</summary>
    public static ResiliencePipeline StandardSet(VirtualTime time) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddConcurrencyLimiter(1_000)
        .AddTimeout(TimeSpan.FromSeconds(30))
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 3, Delay = TimeSpan.FromSeconds(2), BackoffType = DelayBackoffType.Exponential, UseJitter = true,
        })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0.1, MinimumThroughput = 100, SamplingDuration = TimeSpan.FromSeconds(30), BreakDuration = TimeSpan.FromSeconds(5),
        })
        .AddTimeout(TimeSpan.FromSeconds(10))
        .Build();
}
