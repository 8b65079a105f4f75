using System.Diagnostics;
using Polly.Registry;

namespace Resilience.Polly.Tests.Guide;

internal interface IUserServices
{
    ValueTask<string[]> GetAsync(string service, string userId, CancellationToken token);
}

internal sealed record Feed(string[] Posts, string[] Recommendations, string[] Ads, IReadOnlyList<string> DegradedServices, long LoadTimeMs);

/// <summary>The guide's "Scenario 2: Social Media Feed": aggressive timeouts, and each service with what stands in for it.</summary>
internal sealed class SocialMediaFeed(ResiliencePipelineProvider<string> pipelineProvider, ScatterGather gather, IUserServices services)
{
    public const string Settings = """
        { "Pipelines": {
            "fast": { "Timeout": { "Connect": "00:00:01", "Read": "00:00:02" },
                      "Retry": { "MaxAttempts": 2, "MaxWait": "00:00:03" }, "Bulkhead": { "MaxConcurrency": 50 } },
            "slow": { "Timeout": { "Connect": "00:00:02", "Read": "00:00:05" },
                      "Retry": { "MaxAttempts": 3, "MaxWait": "00:00:08" }, "Bulkhead": { "MaxConcurrency": 20 } } } }
        """;

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    public async Task<Feed> LoadUserFeedAsync(string userId, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        var (fast, slow) = (pipelineProvider.GetPipeline("fast"), pipelineProvider.GetPipeline("slow"));

        // Core posts: must succeed, else those of the cache.
        var posts = gather.Add(
            "posts", slow, token => services.GetAsync("posts", userId, token), token => services.GetAsync("cached posts", userId, token));

        // Friends: for personalization, nothing stands in for them.
        var friends = gather.Add("friends", fast, token => services.GetAsync("friends", userId, token));

        // Recommendations: nice to have.
        var recommendations = gather.Add(
            "recommendations", fast, token => services.GetAsync("recommendations", userId, token), _ => new ValueTask<string[]>(["trending"]));

        // Ads: no ads shown actually improves the page.
        var ads = gather.Add("ads", fast, token => services.GetAsync("ads", userId, token), []);

        await gather.RunAsync(Deadline, cancellationToken);

        return new Feed(
            friends.TryGetValue(out var list) ? Personalize(posts.Value, list) : posts.Value,
            recommendations.Value,
            ads.Value,
            gather.Degraded,
            (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private static string[] Personalize(string[] posts, string[] friends) => [.. posts.Select(post => $"{post}, first those of {friends[0]}")];
}
