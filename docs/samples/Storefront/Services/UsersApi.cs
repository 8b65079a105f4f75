namespace Storefront;

internal static class UsersApi
{
    /// <summary>The accounts, numbered from 1. The last one is inactive.</summary>
    public const int Accounts = 50;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/users/{id:int}", (int id) => new User(id, Active: id != Accounts));
}
