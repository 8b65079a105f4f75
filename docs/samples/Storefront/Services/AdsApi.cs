namespace Storefront;

internal static class AdsApi
{
    private static readonly string[] Ads = ["Free delivery this week"];

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/ads", () => Ads);
}
