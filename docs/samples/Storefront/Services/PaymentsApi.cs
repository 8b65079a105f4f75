using Microsoft.AspNetCore.Mvc;

namespace Storefront;

internal static class PaymentsApi
{
    public static void Map(IEndpointRouteBuilder routes, Ledger charges)
    {
        routes.MapPost("/payments/charge", (ChargeRequest charge, [FromHeader(Name = RequestIdHeader.Name)] string requestId) =>
            charges.Book(requestId, charge.CheckoutId, charge.Amount) is { } payment
                ? Results.Ok(new Payment(payment.Id))
                : Results.Conflict());

        routes.MapPost("/payments/void", (VoidRequest request) =>
        {
            charges.Void(request.RequestId);
            return Results.Ok(new Voided(request.RequestId));
        });
    }
}
