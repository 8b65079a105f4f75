namespace Storefront;

/// <summary>Adds the feed and the home dashboard to the application: a client for each service, the pages, and their visitors.</summary>
internal static class PagesRegistration
{
    public static IServiceCollection AddPages(this IServiceCollection services, ServiceFleet fleet)
    {
        services.AddResilientClient("posts", options => options.BaseAddress = fleet.Posts.Address);
        services.AddResilientClient("friends", options => options.BaseAddress = fleet.Friends.Address);
        services.AddResilientClient("media", options => options.BaseAddress = fleet.Media.Address);
        services.AddResilientClient("balance", options => options.BaseAddress = fleet.Balance.Address);
        services.AddResilientClient("transactions", options => options.BaseAddress = fleet.Transactions.Address);
        services.AddResilientClient("notifications", options => options.BaseAddress = fleet.Notifications.Address);
        services.AddResilientClient("quick-actions", options => options.BaseAddress = fleet.QuickActions.Address);
        services.AddResilientClient("market-data", options => options.BaseAddress = fleet.MarketData.Address);

        // Pages call the services of the checkout through clients of their own, so that a page cannot take a slot from a checkout or open its circuit.
        // Recommendations and ads are less important: pages and checkout share their clients.
        services.AddResilientClient("profile", options => options.BaseAddress = fleet.Users.Address);
        services.AddResilientClient("deliveries", options => options.BaseAddress = fleet.Shipping.Address);

        return services
            .AddSingleton<Feed>()
            .AddSingleton<Home>()
            .AddSingleton<FeedVisitors>()
            .AddSingleton<HomeVisitors>();
    }

    /// <summary>The pages, for any browser. A refusal becomes a 503 with problem details.</summary>
    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/feed/{userId:int}", (int userId, Feed feed, CancellationToken cancellationToken) => feed.LoadAsync(userId, cancellationToken));
        routes.MapGet("/home/{userId:int}", (int userId, Home home, CancellationToken cancellationToken) => home.LoadAsync(userId, cancellationToken));
    }
}
