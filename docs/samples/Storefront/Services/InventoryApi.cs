namespace Storefront;

internal static class InventoryApi
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/inventory/reserve", (CartItem[] items) => new Reservation(items));
}
