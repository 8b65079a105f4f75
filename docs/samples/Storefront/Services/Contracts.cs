namespace Storefront;

// What travels between the shop and its services, as JSON.

internal sealed record CartItem(string Sku, int Quantity, decimal Price);

internal sealed record User(int Id, bool Active);

internal sealed record Reservation(CartItem[] Available);

internal sealed record ShippingRequest(int UserId, CartItem[] Items);

internal sealed record ShippingQuote(decimal Cost, DateOnly DeliveryDate);

internal sealed record ChargeRequest(string CheckoutId, int UserId, decimal Amount);

internal sealed record Payment(string PaymentId);

internal sealed record OrderRequest(string CheckoutId, int UserId, CartItem[] Items, string PaymentId, decimal Total);

internal sealed record Order(string OrderId);

internal sealed record VoidRequest(string RequestId);

internal sealed record Voided(string RequestId);

internal sealed record Post(int Author, string Text);

internal sealed record Balance(decimal? Amount);
