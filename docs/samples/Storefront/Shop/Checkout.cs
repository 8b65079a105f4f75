using Resilience.Polly;
using Resilience.Polly.Http;

namespace Storefront;

/// <summary>
/// The guide's resilient checkout (guide: "Scenario 1: E-commerce Checkout"). Each of its POSTs has a request id, made of
/// the checkout's. With it the client repeats a POST too, and the service recognises the repetition.
/// </summary>
internal sealed class Checkout(
    [FromKeyedServices("users")] ResilientClient users,
    [FromKeyedServices("inventory")] ResilientClient inventory,
    [FromKeyedServices("shipping")] ResilientClient shipping,
    [FromKeyedServices("payments")] ResilientClient payments,
    [FromKeyedServices("orders")] ResilientClient orders,
    Refunds refunds,
    Cancellations cancellations,
    Extras extras)
{
    /// <exception cref="CheckoutRefusedException">The checkout cannot be completed; the shopper has not paid, or gets the money back.</exception>
    public async Task<Receipt> ProcessAsync(string checkoutId, int userId, CartItem[] cart, CancellationToken cancellationToken = default)
    {
        var receipt = new Receipt();
        var unavailable = Refusal.AuthenticationUnavailable;
        try
        {
            // Step 1: Verify user (critical - must succeed)
            var user = await users.GetJsonAsync<User>($"/users/{userId}", cancellationToken: cancellationToken);
            if (!user!.Active)
            {
                throw new CheckoutRefusedException(Refusal.UserInactive);
            }

            // Step 2: Reserve inventory (standard - degrades)
            var items = await ReserveAsync($"{checkoutId}/reserve", cart, receipt, cancellationToken);

            // Step 3: Calculate shipping (standard - degrades)
            var shippingCost = await CalculateShippingAsync($"{checkoutId}/shipping", new(userId, items), receipt, cancellationToken);

            // Step 4: Process payment (critical - must succeed)
            unavailable = Refusal.PaymentUnavailable;
            receipt.Total = items.Sum(item => item.Quantity * item.Price) + shippingCost;
            var chargeId = $"{checkoutId}/charge";
            var payment = await ChargeAsync(chargeId, new(checkoutId, userId, receipt.Total), cancellationToken);

            // Step 5: Create order (critical - must succeed, or the payment goes back)
            unavailable = Refusal.OrderFailed;
            var order = new OrderRequest(checkoutId, userId, items, payment.PaymentId, receipt.Total);
            receipt.OrderId = await CreateOrderAsync($"{checkoutId}/order", order, chargeId, cancellationToken);
        }
        catch (ApiConnectionException failure)
        {
            throw new CheckoutRefusedException(unavailable, failure);
        }

        await extras.AddToAsync(receipt, userId, cancellationToken);
        return receipt;
    }

    private async Task<CartItem[]> ReserveAsync(string requestId, CartItem[] cart, Receipt receipt, CancellationToken cancellationToken)
    {
        try
        {
            var reservation = await inventory.PostJsonAsync<CartItem[], Reservation>(
                "/inventory/reserve", cart, requestId, cancellationToken: cancellationToken);
            return reservation!.Available;
        }
        catch (ApiConnectionException)
        {
            receipt.Warn(Warning.StockNotVerified);
            return cart; // assume that everything is in stock
        }
    }

    private async Task<decimal> CalculateShippingAsync(
        string requestId, ShippingRequest request, Receipt receipt, CancellationToken cancellationToken)
    {
        try
        {
            var quote = await shipping.PostJsonAsync<ShippingRequest, ShippingQuote>(
                "/shipping/calculate", request, requestId, cancellationToken: cancellationToken);
            receipt.ShippingEstimate = quote!.DeliveryDate;
            return quote.Cost;
        }
        catch (ApiConnectionException)
        {
            receipt.Warn(Warning.StandardShippingRates);
            return StandardShipping.CostOf(request.Items);
        }
    }

    private async Task<Payment> ChargeAsync(string chargeId, ChargeRequest charge, CancellationToken cancellationToken)
    {
        try
        {
            var payment = await payments.PostJsonAsync<ChargeRequest, Payment>(
                "/payments/charge", charge, requestId: chargeId, cancellationToken: cancellationToken);
            return payment!;
        }
        catch (Exception failure) when (MayHaveArrived(failure))
        {
            // A timeout or a reset does not tell whether the card was charged. The shopper need not wait for the refund.
            _ = refunds.EnqueueAsync(chargeId);
            throw;
        }
    }

    private async Task<string> CreateOrderAsync(string requestId, OrderRequest request, string chargeId, CancellationToken cancellationToken)
    {
        try
        {
            var order = await orders.PostJsonAsync<OrderRequest, Order>(
                "/orders", request, requestId, cancellationToken: cancellationToken);
            return order!.OrderId;
        }
        catch (Exception failure)
        {
            if (MayHaveArrived(failure))
            {
                _ = cancellations.EnqueueAsync(requestId);
            }

            // The refusal says that the refund is done, so wait for it.
            await refunds.EnqueueAsync(chargeId);
            throw;
        }
    }

    // Only a call that was rejected before its first attempt certainly sent nothing.
    private static bool MayHaveArrived(Exception failure) => failure is not ApiCallException { Attempts: 0 };
}
