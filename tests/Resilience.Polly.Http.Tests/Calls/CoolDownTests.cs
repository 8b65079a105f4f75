namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>A server that answers 429 with Retry-After holds back all calls of the pipeline.</summary>
public class CoolDownTests
{
    [Fact]
    public async Task Answer_429_over_a_real_socket_holds_back_the_next_call_which_sends_nothing()
    {
        await using var server = new ScriptedServer(Reply.Status(429, "", ("Retry-After", "600")), Reply.Ok());
        await using var app = new HttpApp(options => (options.BaseAddress, options.RateLimit.MaxCoolDown) = (server.Address, TimeSpan.FromHours(1)));
        var told = await Assert.ThrowsAsync<ApiUnavailableException>(async () => await app.Client.GetAsync("/"));
        Assert.Equal(TimeSpan.FromSeconds(600), told.RetryAfter);

        var limited = await Assert.ThrowsAsync<RateLimitedException>(async () => await app.Client.GetAsync("/"));

        Assert.InRange(limited.RetryAfter!.Value, TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(600));
        Assert.NotNull(app.Snapshot.RateLimit!.CoolDownUntil);
        Assert.Single(server.Requests);
    }
}
