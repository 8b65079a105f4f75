namespace Storefront;

/// <summary>Adds the shop to the application: a client for each service, and the classes that use them.</summary>
internal static class ShopRegistration
{
    public static IServiceCollection AddShop(this IServiceCollection services, ServiceFleet fleet)
    {
        // appsettings.json has all other settings of a client under its name. The addresses are known only now, since the ports were free ones.
        services.AddResilientClient("users", options => options.BaseAddress = fleet.Users.Address);
        services.AddResilientClient("inventory", options => options.BaseAddress = fleet.Inventory.Address);
        services.AddResilientClient("shipping", options => options.BaseAddress = fleet.Shipping.Address);
        services.AddResilientClient("payments", options => options.BaseAddress = fleet.Payments.Address);
        services.AddResilientClient("orders", options => options.BaseAddress = fleet.Orders.Address);
        services.AddResilientClient("recommendations", options => options.BaseAddress = fleet.Recommendations.Address);
        services.AddResilientClient("ads", options => options.BaseAddress = fleet.Ads.Address);

        // Compensations use clients of their own for the same services: they can wait where a shopper cannot,
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
