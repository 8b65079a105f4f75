namespace Storefront;

/// <summary>The services that only the home dashboard calls.</summary>
internal static class HomeApis
{
    private static readonly string[] QuickActions = ["Track a parcel", "Send something back", "Order again"];
    private static readonly string[] MarketData = ["Lamps: 12 % cheaper this week", "Teapots: scarce"];

    public static void MapBalance(IEndpointRouteBuilder routes) => routes.MapGet("/balance/{userId:int}", (int userId) =>
        new Balance(userId * 1.25m));

    public static void MapTransactions(IEndpointRouteBuilder routes) => routes.MapGet("/transactions/{userId:int}", (int userId) =>
        new[] { $"Bonus for account {userId}", "Welcome gift" });

    public static void MapNotifications(IEndpointRouteBuilder routes) => routes.MapGet("/notifications/{userId:int}", (int userId) =>
        new[] { $"{userId % 3} of your parcels are on their way" });

    public static void MapQuickActions(IEndpointRouteBuilder routes) => routes.MapGet("/quick-actions", () => QuickActions);

    public static void MapMarketData(IEndpointRouteBuilder routes) => routes.MapGet("/market-data", () => MarketData);
}
