namespace Storefront;

/// <summary>The services that checkout, feed and home dashboard depend on.</summary>
internal sealed class ServiceFleet : IAsyncDisposable
{
    public required Ledger Charges { get; init; }

    public required Ledger PlacedOrders { get; init; }

    public required Service Users { get; init; }

    public required Service Inventory { get; init; }

    public required Service Payments { get; init; }

    public required Service Shipping { get; init; }

    public required Service Orders { get; init; }

    public required Service Recommendations { get; init; }

    public required Service Ads { get; init; }

    public required Service Posts { get; init; }

    public required Service Friends { get; init; }

    public required Service Media { get; init; }

    public required Service Balance { get; init; }

    public required Service Transactions { get; init; }

    public required Service Notifications { get; init; }

    public required Service QuickActions { get; init; }

    public required Service MarketData { get; init; }

    private Service[] All =>
    [
        Users, Inventory, Payments, Shipping, Orders, Recommendations, Ads,
        Posts, Friends, Media,
        Balance, Transactions, Notifications, QuickActions, MarketData,
    ];

    public static async Task<ServiceFleet> StartAsync()
    {
        var charges = new Ledger();
        var orders = new Ledger();
        return new ServiceFleet
        {
            Charges = charges,
            PlacedOrders = orders,
            Users = await Service.StartAsync(UsersApi.Map),
            Inventory = await Service.StartAsync(InventoryApi.Map),
            Payments = await Service.StartAsync(routes => PaymentsApi.Map(routes, charges)),
            Shipping = await Service.StartAsync(ShippingApi.Map),
            Orders = await Service.StartAsync(routes => OrdersApi.Map(routes, orders)),
            Recommendations = await Service.StartAsync(RecommendationsApi.Map),
            Ads = await Service.StartAsync(AdsApi.Map),
            Posts = await Service.StartAsync(FeedApis.MapPosts),
            Friends = await Service.StartAsync(FeedApis.MapFriends),
            Media = await Service.StartAsync(FeedApis.MapMedia),
            Balance = await Service.StartAsync(HomeApis.MapBalance),
            Transactions = await Service.StartAsync(HomeApis.MapTransactions),
            Notifications = await Service.StartAsync(HomeApis.MapNotifications),
            QuickActions = await Service.StartAsync(HomeApis.MapQuickActions),
            MarketData = await Service.StartAsync(HomeApis.MapMarketData),
        };
    }

    public void Heal()
    {
        foreach (var service in All)
        {
            service.Faults.Set();
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(All.Select(service => service.DisposeAsync().AsTask()));
}
