using Resilience.Polly;
using Resilience.Polly.Http;

namespace Storefront;

/// <summary>
/// The guide's dashboard (guide: "Scenario 3: Microservices Data Aggregation"): ten services, and two seconds for all of them together.
/// It is refused only if there is no profile, neither a new one nor a remembered one.
/// </summary>
internal sealed class Home(
    [FromKeyedServices("profile")] ResilientClient profile,
    [FromKeyedServices("balance")] ResilientClient balance,
    [FromKeyedServices("transactions")] ResilientClient transactions,
    [FromKeyedServices("deliveries")] ResilientClient deliveries,
    [FromKeyedServices("notifications")] ResilientClient notifications,
    [FromKeyedServices("quick-actions")] ResilientClient quickActions,
    [FromKeyedServices("recommendations")] ResilientClient recommendations,
    [FromKeyedServices("market-data")] ResilientClient marketData,
    [FromKeyedServices("posts")] ResilientClient posts,
    [FromKeyedServices("ads")] ResilientClient ads)
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly LastAnswers<User> _lastProfiles = new();
    private readonly LastAnswers<string[]> _lastTransactions = new();

    /// <exception cref="ApiConnectionException">There is no profile.</exception>
    public async Task<HomePage> LoadAsync(int userId, CancellationToken cancellationToken = default)
    {
        var gather = new ScatterGather();

        // Critical: no page without these
        var user = gather.Add("profile", _lastProfiles.Keeping(userId, profile.Getting<User>($"/users/{userId}")), _ => _lastProfiles.OrThrowAsync(userId));
        var account = gather.Add("balance", balance.Getting<Balance>($"/balance/{userId}"), new Balance(Amount: null));

        // Standard: important, with a fallback
        var bookings = gather.Add(
            "transactions", _lastTransactions.Keeping(userId, transactions.Getting<string[]>($"/transactions/{userId}")), _lastTransactions.Of(userId) ?? []);
        var parcels = gather.Add("deliveries", deliveries.Getting<DateOnly[]>($"/shipping/deliveries/{userId}"), []);
        var news = gather.Add("notifications", notifications.Getting<string[]>($"/notifications/{userId}"), []);
        var actions = gather.Add("quick-actions", quickActions.Getting<string[]>("/quick-actions"), ["Order again"]);

        // Optional: nice to have
        var picks = gather.Add("recommendations", recommendations.Getting<string[]>($"/recommendations/{userId}"), []);
        var market = gather.Add("market-data", marketData.Getting<string[]>("/market-data"), []);
        var social = gather.Add("social-feed", posts.Getting<Post[]>($"/posts/{userId}"), []);
        var promotions = gather.Add("promotions", ads.Getting<string[]>("/ads"), []);

        await gather.RunAsync(Deadline, cancellationToken);

        return new HomePage(gather)
        {
            Profile = user.TryGetValue(out var known) ? known : throw new ApiConnectionException("There is no dashboard without a profile.", user.Failure),
            Balance = account.Value,
            Transactions = bookings.Value,
            Deliveries = parcels.Value,
            Notifications = news.Value,
            QuickActions = actions.Value,
            Recommendations = picks.Value,
            MarketData = market.Value,
            SocialFeed = social.Value,
            Promotions = promotions.Value,
        };
    }
}
