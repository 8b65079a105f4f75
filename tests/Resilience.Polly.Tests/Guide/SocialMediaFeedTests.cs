using Microsoft.Extensions.DependencyInjection;
using Resilience.Polly.Tests.Degradation;
using static Resilience.Polly.Tests.Guide.Services;

namespace Resilience.Polly.Tests.Guide;

public class SocialMediaFeedTests
{
    private readonly Services _services = new();

    [Fact]
    public async Task LoadUserFeed_all_services_answer()
    {
        await using var app = TestPipelines.FromJson(SocialMediaFeed.Settings);

        var feed = await LoadAsync(app).WaitAsync(HeldCall.Patience);

        Assert.Equal(["posts of ann, first those of friends of ann"], feed.Posts);
        Assert.Equal(["ads of ann"], feed.Ads);
        Assert.Empty(feed.DegradedServices);
    }

    [Fact]
    public async Task LoadUserFeed_some_hang_and_some_fail_loads_at_the_deadline_with_what_stands_in_for_them()
    {
        await using var app = TestPipelines.FromJson(SocialMediaFeed.Settings);
        (_services["posts"], _services["friends"]) = (Mood.Hangs, Mood.HangsAndIgnoresItsToken);
        (_services["recommendations"], _services["ads"]) = (Mood.Hangs, Mood.Fails);

        var load = LoadAsync(app);
        await Until.IsTrueAsync(() => _services is { Hung: 3, Failed: 1 });
        app.Clock.Advance(SocialMediaFeed.Deadline);
        var feed = await load.WaitAsync(HeldCall.Patience);

        Assert.Equal(["cached posts of ann"], feed.Posts);
        Assert.Equal(["trending"], feed.Recommendations);
        Assert.Empty(feed.Ads);
        Assert.Equal(["posts", "friends", "recommendations", "ads"], feed.DegradedServices);
    }

    private Task<Feed> LoadAsync(TestPipelines app) =>
        new SocialMediaFeed(app.Provider, app.Services.GetRequiredService<ScatterGather>(), _services).LoadUserFeedAsync("ann");
}
