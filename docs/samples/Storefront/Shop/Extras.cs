using Resilience.Polly;
using Resilience.Polly.Http;

namespace Storefront;

/// <summary>Optional parts of a checkout, which never delay it (guide: "Circuit Breaker with Graceful Degradation").</summary>
internal sealed class Extras(
    [FromKeyedServices("recommendations")] ResilientClient recommendations,
    [FromKeyedServices("ads")] ResilientClient ads)
{
    public static readonly string[] PopularProducts = ["Popular Product 1", "Popular Product 2", "Popular Product 3"];

    public async Task AddToAsync(Receipt receipt, int userId, CancellationToken cancellationToken = default)
    {
        var picks = OrElseAsync(recommendations, $"/recommendations/{userId}", PopularProducts, cancellationToken);
        var banners = OrElseAsync(ads, "/ads", [], cancellationToken);
        (receipt.Recommendations, receipt.HasPlainRecommendations) = await picks;
        (receipt.Ads, receipt.HasNoAds) = await banners;
    }

    private static async Task<(string[] Items, bool IsFallback)> OrElseAsync(
        ResilientClient service, string path, string[] fallback, CancellationToken cancellationToken)
    {
        try
        {
            return ((await service.GetJsonAsync<string[]>(path, cancellationToken: cancellationToken))!, false);
        }
        catch (ApiConnectionException)
        {
            return (fallback, true);
        }
    }
}
