using System.Text.Json.Serialization;
using Resilience.Polly;

namespace Storefront;

/// <summary>The feed of one account.</summary>
internal sealed class FeedPage(ScatterGather gather) : Page(gather)
{
    public required Post[] Posts { get; init; }

    public required string[] Media { get; init; }

    public required string[] Recommendations { get; init; }

    public required string[] Ads { get; init; }

    [JsonIgnore]
    public override IEnumerable<string> StandIns => Those(
        ("media", Media is []), ("recommendations", Recommendations == Extras.PopularProducts), ("ads", Ads is []));
}
