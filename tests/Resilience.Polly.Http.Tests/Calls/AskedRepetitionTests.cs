using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>A request or a client can say itself whether it may be sent again.</summary>
public class AskedRepetitionTests
{
    private static HttpApp App(CallRepetition? ofClient = null) => new(more: services =>
    {
        services.AddResilience().AddPipeline("catalog", o => o.Retry.MinWait = TimeSpan.Zero);
        services.AddHttpClient("catalog").AddResilience(repetition: ofClient);
    });

    [Theory]
    [InlineData("GET", null, null, 3)]
    [InlineData("GET", null, CallRepetition.Never, 1)]
    [InlineData("GET", CallRepetition.Never, null, 1)]
    [InlineData("GET", CallRepetition.Never, CallRepetition.Safe, 3)]
    [InlineData("GET", null, CallRepetition.OnlyIfNotSent, 1)]
    [InlineData("POST", null, null, 1)]
    [InlineData("POST", null, CallRepetition.Safe, 3)]
    [InlineData("POST", CallRepetition.Safe, null, 3)]
    [InlineData("POST", CallRepetition.Safe, CallRepetition.Never, 1)]
    public async Task Request_is_sent_again_as_it_says_and_else_as_its_client_says(string method, CallRepetition? ofClient, CallRepetition? ofRequest, int attempts)
    {
        await using var server = new ScriptedServer(Reply.Status(503));
        await using var app = App(ofClient);
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);
        if (ofRequest is not null)
        {
            request.SetRequestOptions(new ResilientRequestOptions { Repetition = ofRequest });
        }

        (await app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog").SendAsync(request)).Dispose();
        Assert.Equal(attempts, server.Requests.Count);
    }

    [Fact]
    public async Task Poll_that_breaks_off_is_not_repeated()
    {
        await using var server = new ScriptedServer(Reply.ResetMidBody, Reply.Ok("next message"));
        await using var app = App(CallRepetition.Never);
        await Assert.ThrowsAsync<ApiConnectionException>(() => app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog").GetAsync(server.Address));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Body_that_cannot_be_sent_again_is_not_whatever_the_request_says()
    {
        await using var server = new ScriptedServer(Reply.Status(503));
        await using var app = new HttpApp(o => (o.Retry.MaxAttempts, o.Idempotency.MaxRequestBufferSize) = (3, 2));
        await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.PutAsync(
            server.Address.AbsoluteUri, new StreamContent(new Once()), options: new() { Repetition = CallRepetition.Safe }));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Repetition_that_does_not_exist_is_refused()
    {
        await using var app = App();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => app.Client.GetAsync("http://x/", options: new() { Repetition = (CallRepetition)7 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceCollection().AddHttpClient("x").AddResilience(repetition: (CallRepetition)7));
    }

    private sealed class Once() : MemoryStream("body"u8.ToArray())
    {
        public override bool CanSeek => false;
    }
}
