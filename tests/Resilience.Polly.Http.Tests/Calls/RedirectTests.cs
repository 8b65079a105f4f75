namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>Redirects are followed as .NET does it, each hop with limits of its own.</summary>
public class RedirectTests
{
    [Theory]
    [InlineData(301, "POST", "GET", "")]
    [InlineData(302, "POST", "GET", "")]
    [InlineData(303, "POST", "GET", "")]
    [InlineData(303, "PUT", "GET", "")]
    [InlineData(307, "POST", "POST", "body")]
    [InlineData(308, "PUT", "PUT", "body")]
    public async Task Redirect_is_followed_with_the_method_and_body_that_belong_to_it(int status, string method, string then, string body)
    {
        await using var server = new ScriptedServer(Reply.Redirect(status, "/there?x=1"), Reply.Ok("there"));
        await using var app = new HttpApp();
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address + "here") { Content = new StringContent("body"), Headers = { { "Authorization", "secret" } } };
        using var response = await app.Client.SendAsync(request, "id");
        Assert.Equal("there", await response.Content.ReadAsStringAsync());
        var (first, second) = (server.Requests.First(), server.Requests.Last());
        Assert.Equal((then, "/there?x=1", body), (second.Method, second.Path, second.Text));
        Assert.Equal(("id", "id"), (first.Header("X-Request-ID"), second.Header("X-Request-ID")));
        Assert.Equal(("secret", null), (first.Header("Authorization"), second.Header("Authorization")));
    }

    [Fact]
    public async Task Redirect_is_not_billed_to_the_read_limit_as_a_whole()
    {
        // Three answers of 150 ms each, with a read limit of 400 ms.
        await using var server = new ScriptedServer((request, _) => (request.Path switch
        {
            "/1" => Reply.Redirect(302, "/2"),
            "/2" => Reply.Redirect(302, "/3"),
            _ => Reply.Ok("end"),
        }).After(TimeSpan.FromMilliseconds(150)));
        await using var app = new HttpApp(o => o.Timeout.Read = TimeSpan.FromMilliseconds(400));
        await RealTime.IsLeftAloneAsync(async () =>
        {
            using var response = await app.Client.GetAsync(server.Address + "1");
            Assert.Equal("end", await response.Content.ReadAsStringAsync());
            Assert.Equal("/3", response.RequestMessage!.RequestUri!.AbsolutePath);
        });
    }

    [Fact]
    public async Task Redirect_with_a_body_that_can_be_read_once_fails_as_in_a_plain_client()
    {
        await using var server = new ScriptedServer(Reply.Redirect(307, "/there"), Reply.Ok());
        await using var app = new HttpApp(o => o.Idempotency.MaxRequestBufferSize = 0);
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, new StreamContent(new Unseekable())));
        Assert.DoesNotContain(server.Requests, request => request.Path == "/there");
    }

    [Theory]
    [InlineData(303)]
    [InlineData(307)]
    public async Task Redirect_to_nobody_does_not_make_a_request_that_has_arrived_be_sent_again(int status)
    {
        await using var server = new ScriptedServer(Reply.Redirect(status, "http://127.0.0.1:1/"));
        await using var app = new HttpApp(o => o.Retry.MaxAttempts = 3);
        await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.PostAsync(server.Address.AbsoluteUri, new StringContent("order")));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("file:///etc/hosts")]
    [InlineData("ftp://127.0.0.1:1/")]
    public async Task Redirect_out_of_the_web_finds_nobody(string location)
    {
        await using var server = new ScriptedServer(Reply.Redirect(302, location));
        await using var app = new HttpApp();
        await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Redirect_in_a_circle_ends_where_the_handler_would_end()
    {
        await using var server = new ScriptedServer(Reply.Redirect(302, "/"));
        await using var app = new HttpApp(client: HttpApp.Speaking(1, more: handler => handler.MaxAutomaticRedirections = 5));
        await Assert.ThrowsAsync<ApiStatusException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal(6, server.Requests.Count);
    }

    [Fact]
    public async Task Redirect_is_returned_where_the_handler_follows_none()
    {
        await using var server = new ScriptedServer(Reply.Redirect(302, "/"));
        await using var app = new HttpApp(client: HttpApp.Speaking(1, more: handler => handler.AllowAutoRedirect = false));
        await Assert.ThrowsAsync<ApiStatusException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Single(server.Requests);
    }

    private sealed class Unseekable() : MemoryStream([1, 2, 3])
    {
        public override bool CanSeek => false;
    }
}
