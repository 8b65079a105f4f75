using Resilience.Polly;
using Resilience.Polly.Http;

namespace Storefront;

/// <summary>
/// The guide's feed (guide: "Scenario 2: Social Media Feed"): five services at once, each with a fallback. The feed is
/// never refused. It leaves slow parts out. The friends only sort the posts.
/// </summary>
internal sealed class Feed(
    [FromKeyedServices("posts")] ResilientClient posts,
    [FromKeyedServices("friends")] ResilientClient friends,
    [FromKeyedServices("media")] ResilientClient media,
    [FromKeyedServices("recommendations")] ResilientClient recommendations,
    [FromKeyedServices("ads")] ResilientClient ads)
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    private readonly LastAnswers<Post[]> _lastPosts = new();

    public async Task<FeedPage> LoadAsync(int userId, CancellationToken cancellationToken = default)
    {
        var gather = new ScatterGather();
        var written = gather.Add("posts", _lastPosts.Keeping(userId, posts.Getting<Post[]>($"/posts/{userId}")), _lastPosts.Of(userId) ?? []);
        var known = gather.Add("friends", friends.Getting<int[]>($"/friends/{userId}"));
        var pictures = gather.Add("media", media.Getting<string[]>($"/media/{userId}"), []);
        var picks = gather.Add("recommendations", recommendations.Getting<string[]>($"/recommendations/{userId}"), Extras.PopularProducts);
        var banners = gather.Add("ads", ads.Getting<string[]>("/ads"), []);

        await gather.RunAsync(Deadline, cancellationToken);

        return new FeedPage(gather)
        {
            Posts = known.TryGetValue(out var closest) ? [.. written.Value.OrderByDescending(post => closest.Contains(post.Author))] : written.Value,
            Media = pictures.Value,
            Recommendations = picks.Value,
            Ads = banners.Value,
        };
    }
}
