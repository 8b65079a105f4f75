using Resilience.Polly;

namespace Storefront;

/// <summary>What is nice to have beside a checkout and never holds one up (guide: "Circuit Breaker with Graceful Degradation").</summary>
internal sealed class Extras(ServiceClients services)
{
    private static readonly string[] PopularProducts = ["Popular Product 1", "Popular Product 2", "Popular Product 3"];

    public async Task AddToAsync(Receipt receipt, int userId, CancellationToken cancellationToken = default)
    {
        var recommendations = OrElseAsync(services.Recommendations, $"/recommendations/{userId}", PopularProducts, cancellationToken);
        var ads = OrElseAsync(services.Ads, "/ads", [], cancellationToken);
        (receipt.Recommendations, receipt.HasPlainRecommendations) = await recommendations;
        (receipt.Ads, receipt.HasNoAds) = await ads;
    }

    private static async Task<(string[] Items, bool IsFallback)> OrElseAsync(
        ServiceClient service, string path, string[] fallback, CancellationToken cancellationToken)
    {
        try
        {
            return (await service.GetAsync<string[]>(path, cancellationToken), false);
        }
        catch (ApiConnectionException)
        {
            return (fallback, true);
        }
    }
}
