namespace Cluster;

/// <summary>What a client orders. Its id is also the idempotency key, in the shop and in the payment service.</summary>
internal sealed record Order(string Id, long Cents);

/// <summary>A charge, with its number in the ledger.</summary>
internal sealed record Charge(long Number, string OrderId);

/// <summary>The answer of the shop: the number of the charge; <see langword="null"/> if nobody knows whether there was one.</summary>
internal sealed record Confirmation(string OrderId, long? Charge);
