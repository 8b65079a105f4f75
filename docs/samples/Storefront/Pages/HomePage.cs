using System.Text.Json.Serialization;
using Resilience.Polly;

namespace Storefront;

/// <summary>The home dashboard of one account.</summary>
internal sealed class HomePage(ScatterGather gather) : Page(gather)
{
    public required User Profile { get; init; }

    /// <summary>Without an amount while it is unavailable.</summary>
    public required Balance Balance { get; init; }

    public required string[] Transactions { get; init; }

    public required DateOnly[] Deliveries { get; init; }

    public required string[] Notifications { get; init; }

    public required string[] QuickActions { get; init; }

    public required string[] Recommendations { get; init; }

    public required string[] MarketData { get; init; }

    public required Post[] SocialFeed { get; init; }

    public required string[] Promotions { get; init; }

    [JsonIgnore]
    public override IEnumerable<string> StandIns => Those(
        ("balance", Balance.Amount is null),
        ("transactions", Transactions is []),
        ("notifications", Notifications is []),
        ("quick-actions", QuickActions is [_]),
        ("recommendations", Recommendations is []),
        ("market-data", MarketData is []),
        ("social-feed", SocialFeed is []),
        ("promotions", Promotions is []));
}
