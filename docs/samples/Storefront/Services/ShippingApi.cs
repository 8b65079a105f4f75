namespace Storefront;

internal static class ShippingApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/shipping/calculate", (ShippingRequest request) => new ShippingQuote(
            Cost: 3.90m + (0.35m * request.Items.Sum(item => item.Quantity)),
            DeliveryDate: Today.AddDays(2)));

        routes.MapGet("/shipping/deliveries/{userId:int}", (int userId) =>
            Enumerable.Range(1, userId % 3).Select(days => Today.AddDays(days)).ToArray());
    }

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow);
}
