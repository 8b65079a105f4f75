using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Resilience.Polly.Soak;

/// <summary>The same pipelines from Polly's own strategies.</summary>
internal static class PollyContestant
{
    public static Contestant Create() => new(
        "Polly's", Pipeline(NeverOpens()), Pipeline(NeverOpens(), slots: 2, waiters: 0), Pipeline(OpensSoon()));

    private static ResiliencePipeline Pipeline(CircuitBreakerStrategyOptions circuit, int slots = 20, int waiters = int.MaxValue) => new ResiliencePipelineBuilder()
        .AddConcurrencyLimiter(slots, waiters)
        .AddCircuitBreaker(circuit)
        .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 2, Delay = TimeSpan.Zero, ShouldHandle = Transient })
        .AddTimeout(TimeSpan.FromMilliseconds(20))
        .Build();

    private static CircuitBreakerStrategyOptions NeverOpens() => new() { MinimumThroughput = int.MaxValue, ShouldHandle = Failed };

    private static CircuitBreakerStrategyOptions OpensSoon() => new()
    {
        MinimumThroughput = 5,
        FailureRatio = 0.5,
        SamplingDuration = TimeSpan.FromSeconds(1),
        BreakDuration = TimeSpan.FromMilliseconds(500),
        ShouldHandle = Failed,
    };

    private static ValueTask<bool> Transient(RetryPredicateArguments<object> arguments) => new(IsTransient(arguments.Outcome.Exception));

    private static ValueTask<bool> Failed(CircuitBreakerPredicateArguments<object> arguments) => new(IsTransient(arguments.Outcome.Exception));

    private static bool IsTransient(Exception? exception) => exception is TimeoutException or global::Polly.Timeout.TimeoutRejectedException;
}
