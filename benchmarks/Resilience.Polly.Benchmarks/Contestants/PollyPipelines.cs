using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Resilience.Polly.Benchmarks;

/// <summary>The rival: the same four patterns built from Polly's own strategies, in the order of the guide.</summary>
internal static class PollyPipelines
{
    /// <param name="slots">Calls that may be inside at once.</param>
    /// <param name="waiters">Calls that may wait for a slot.</param>
    /// <param name="circuit">Changes the circuit breaker.</param>
    public static ResiliencePipeline Four(int slots = 20, int waiters = int.MaxValue, Action<CircuitBreakerStrategyOptions>? circuit = null) =>
        new ResiliencePipelineBuilder().AddFour(slots, waiters, circuit).Build();

    public static ResiliencePipelineBuilder AddFour(
        this ResiliencePipelineBuilder builder, int slots = 20, int waiters = int.MaxValue, Action<CircuitBreakerStrategyOptions>? circuit = null)
    {
        var options = new CircuitBreakerStrategyOptions();
        circuit?.Invoke(options);
        return builder
            .AddConcurrencyLimiter(slots, waiters)
            .AddCircuitBreaker(options)
            .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 2, Delay = TimeSpan.Zero })
            .AddTimeout(TimeSpan.FromSeconds(30));
    }
}
