using Polly;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The guide's "Circuit Breaker with Graceful Degradation". The ML service is down: fallback logic. A transient failure is for the retries, and reaches the caller.</summary>
internal sealed class ProductRecommendations(ResiliencePipeline recommendations, Func<string, CancellationToken, Task<string[]>> mlService)
{
    public ValueTask<string[]> GetProductRecommendationsAsync(string userId, CancellationToken cancellationToken = default) =>
        recommendations.ExecuteWithFallbackAsync(
            async token => await mlService(userId, token),
            (failure, _) => failure is CircuitOpenException
                ? new(GetFallbackRecommendations())
                : ValueTask.FromException<string[]>(failure),
            cancellationToken);

    private static string[] GetFallbackRecommendations() => ["Popular Product 1", "Popular Product 2", "Popular Product 3"];
}

/// <summary>The guide's "Handling Bulkhead Saturation / Graceful Degradation". The primary service is saturated: a simpler fallback.</summary>
internal sealed class CachedRecommendations(ResiliencePipeline recommendations, Func<string, CancellationToken, Task<string[]>> mlService)
{
    public ValueTask<string[]> GetOrCachedAsync(string userId, CancellationToken cancellationToken = default) =>
        recommendations.ExecuteWithFallbackAsync(
            async token => await mlService(userId, token),
            (failure, _) => failure is PoolTimeoutException
                ? new(GetCachedRecommendations())
                : ValueTask.FromException<string[]>(failure),
            cancellationToken);

    private static string[] GetCachedRecommendations() => ["Cached Product"];
}
