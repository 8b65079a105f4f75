namespace Storefront;

/// <summary>Adds the shop to the application: a client for each service, and the classes that use them.</summary>
internal static class ShopRegistration
{
    public static IServiceCollection AddShop(this IServiceCollection services, ServiceFleet fleet)
    {
        // All else about a client is in appsettings.json under its name. The addresses are known only now, since the ports were free ones.
        services.AddResilientClient("users", options => options.BaseAddress = fleet.Users.Address);
        services.AddResilientClient("inventory", options => options.BaseAddress = fleet.Inventory.Address);
        services.AddResilientClient("shipping", options => options.BaseAddress = fleet.Shipping.Address);
        services.AddResilientClient("payments", options => options.BaseAddress = fleet.Payments.Address);
        services.AddResilientClient("orders", options => options.BaseAddress = fleet.Orders.Address);
        services.AddResilientClient("recommendations", options => options.BaseAddress = fleet.Recommendations.Address);
        services.AddResilientClient("ads", options => options.BaseAddress = fleet.Ads.Address);

        // Compensations go to the same services as clients of their own: they are patient where a shopper is not,
        // and an open circuit for charges must not stop a refund.
        services.AddResilientClient("refunds", options => options.BaseAddress = fleet.Payments.Address);
        services.AddResilientClient("cancellations", options => options.BaseAddress = fleet.Orders.Address);

        return services
            .AddSingleton(fleet)
            .AddSingleton<Incident>()
            .AddSingleton<Refunds>()
            .AddSingleton<Cancellations>()
            .AddSingleton<Extras>()
            .AddSingleton<Checkout>()
            .AddSingleton<Shoppers>()
            .AddSingleton<Shop>();
    }
}
