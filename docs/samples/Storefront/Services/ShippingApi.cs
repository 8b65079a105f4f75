namespace Storefront;

internal static class ShippingApi
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/shipping/calculate", (ShippingRequest request) => new ShippingQuote(
            Cost: 3.90m + (0.35m * request.Items.Sum(item => item.Quantity)),
            DeliveryDate: DateOnly.FromDateTime(DateTime.UtcNow).AddDays(2)));
}
