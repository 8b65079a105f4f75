namespace Storefront;

internal static class RecommendationsApi
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/recommendations/{userId:int}", (int userId) =>
            Enumerable.Range(userId, 3).Select(id => $"Picked for you {id}").ToArray());
}
