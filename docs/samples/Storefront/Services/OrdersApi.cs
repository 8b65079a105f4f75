using Microsoft.AspNetCore.Mvc;

namespace Storefront;

internal static class OrdersApi
{
    public static void Map(IEndpointRouteBuilder routes, Ledger orders)
    {
        routes.MapPost("/orders", (OrderRequest order, [FromHeader(Name = RequestIdHeader.Name)] string requestId) =>
            orders.Book(requestId, order.CheckoutId, order.Total) is { } placed
                ? Results.Ok(new Order(placed.Id))
                : Results.Conflict());

        routes.MapPost("/orders/cancel", (VoidRequest request) =>
        {
            orders.Void(request.RequestId);
            return Results.Ok(new Voided(request.RequestId));
        });
    }
}
