using Resilience.Polly.AspNetCore;

namespace Cluster;

/// <summary>The payment service. A charge cannot be taken back or repeated safely, so it prefers "unknown" to a second charge.</summary>
internal static class PaymentsRole
{
    public const string Name = "payments";

    public static async Task<int> RunAsync(string[] args)
    {
        var settings = RoleSettings.Of(args);
        var builder = RoleHost.CreateBuilder(settings);
        builder.Services.AddResilience().AddRedis(settings.Redis, options => RoleHost.Configure(options, settings, Name));
        builder.Services.AddIdempotency();
        builder.Services.AddSingleton(_ => new Ledger(settings.Folder));

        await using var app = builder.Build();
        app.UseIdempotency();
        var charges = app.MapPost("/charges", async (Order order, Ledger ledger, HttpContext context) =>
        {
            await BankAsync();
            var charge = ledger.Add(order, settings.Name);
            context.Idempotency().MarkCommitted(); // if this process is killed from here on, the charge is known to be made
            await BankAsync();
            return Results.Created($"/charges/{order.Id}", charge);
        });
        if (!settings.Unprotected)
        {
            charges.RequireIdempotency(options =>
            {
                (options.Lease, options.RenewInterval) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1));
                options.OnAbandoned = AbandonedCallAction.RejectUnknown;          // killed between claim and answer: say so, never charge again
                options.OnStoreUnavailable = StoreUnavailableAction.Reject;       // without Redis nobody knows whether the order was charged
            });
        }

        // A charge in the ledger is certain. One that is not there may still be on its way.
        app.MapGet("/charges/{orderId}", (string orderId, Ledger ledger) => ledger.Find(orderId) is { } charge ? Results.Ok(charge) : Results.NotFound());
        return await RoleHost.RunAsync(app);
    }

    // The bank takes a while before and after it moves the money, so that kills hit both sides of that moment.
    private static Task BankAsync() => Task.Delay(Random.Shared.Next(2, 15));
}
