using Resilience.Polly.Http;

namespace Cluster;

/// <summary>One process of the shop.</summary>
internal static class ShopRole
{
    public const string Name = "shop";

    public static async Task<int> RunAsync(string[] args)
    {
        var settings = RoleSettings.Of(args);
        var builder = RoleHost.CreateBuilder(settings);
        builder.Services.AddResilience(builder.Configuration.GetSection("Resilience")).AddRedis(settings.Redis, options => RoleHost.Configure(options, settings, Name));
        builder.Services.AddResilientClient("payments"); // its circuit and its slots are shared: appsettings.json
        builder.Services.AddResilienceProblemDetails();  // payments are down: 503
        builder.Services.AddIdempotency(options =>
        {
            // The defaults, ReExecute and DegradeLocal, are right here: handling an order twice adds it once, and the payment service knows the key too.
            (options.Lease, options.RenewInterval) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1));
        });
        builder.Services.AddSingleton(_ => new OrderBook(settings.Folder));
        builder.Services.AddSingleton(services => new PaymentsGateway(services.GetRequiredKeyedService<ResilientClient>("payments"), settings.ServiceList));

        await using var app = builder.Build();
        app.UseExceptionHandler();
        app.UseIdempotency();
        app.MapPost("/orders", async (Order order, PaymentsGateway payments, OrderBook orders) =>
        {
            var charge = await payments.ChargeAsync(order);
            var confirmation = orders.Add(order.Id, charge?.Number);

            // 202: the order is kept, and people find out whether it is paid.
            return confirmation.Charge is null ? Results.Accepted(value: confirmation) : Results.Created($"/orders/{order.Id}", confirmation);
        }).RequireIdempotency();
        app.MapResilienceDashboard("/resilience");
        return await RoleHost.RunAsync(app);
    }
}
