namespace Storefront;

/// <summary>The services that only the feed calls: posts, friends and pictures.</summary>
internal static class FeedApis
{
    public static void MapPosts(IEndpointRouteBuilder routes) => routes.MapGet("/posts/{userId:int}", (int userId) =>
        Enumerable.Range(1, 5).Select(step => Neighbour(userId, step)).Select(author => new Post(author, $"What account {author} bought")).ToArray());

    public static void MapFriends(IEndpointRouteBuilder routes) => routes.MapGet("/friends/{userId:int}", (int userId) =>
        new[] { Neighbour(userId, 2), Neighbour(userId, 4) });

    public static void MapMedia(IEndpointRouteBuilder routes) => routes.MapGet("/media/{userId:int}", (int userId) =>
        Enumerable.Range(1, 3).Select(step => $"/pictures/{Neighbour(userId, step)}.webp").ToArray());

    private static int Neighbour(int userId, int step) => ((userId + step - 1) % UsersApi.Accounts) + 1;
}
