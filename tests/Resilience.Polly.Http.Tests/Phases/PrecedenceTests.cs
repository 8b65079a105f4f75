using System.Net;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>Which of several things that could have ended a request is named.</summary>
public class PrecedenceTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Caller_that_gives_up_gets_its_own_token_back(int version)
    {
        await using var server = await WebServer.StartAsync(WebServer.HangAsync, version);
        await using var app = new HttpApp(client: HttpApp.Speaking(version));
        using var caller = new CancellationTokenSource();
        var call = app.Client.GetAsync(server.Address.AbsoluteUri, cancellationToken: caller.Token);
        await caller.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(caller.Token, cancelled.CancellationToken);
        Assert.Equal(1, app.Snapshot.Calls.Cancelled);
    }

    [Fact]
    public async Task Caller_that_gives_up_while_the_body_is_read_gets_its_own_token_back()
    {
        await using var server = new ScriptedServer(Reply.StallAfter("some"));
        await using var app = new HttpApp();
        using var caller = new CancellationTokenSource();
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
        var body = await response.Content.ReadAsStreamAsync();
        Assert.Equal(4, await body.ReadAtLeastAsync(new byte[4], 4));
        var read = body.ReadAsync(new byte[1], caller.Token).AsTask();
        await caller.CancelAsync();
        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read)).CancellationToken);
    }

    [Fact]
    public async Task Caller_that_gave_up_before_sends_nothing()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp();
        var caller = new CancellationToken(canceled: true);
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => app.Client.GetAsync(server.Address.AbsoluteUri, cancellationToken: caller));
        Assert.Equal(caller, cancelled.CancellationToken);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Refused_connection_is_no_timeout(int version)
    {
        await using var app = new HttpApp(client: HttpApp.Speaking(version));
        var refused = await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.GetAsync("http://127.0.0.1:1/"));
        Assert.Equal(HttpRequestError.ConnectionError, Assert.IsType<HttpRequestException>(refused.InnerException).HttpRequestError);
    }

    [Fact]
    public async Task Reset_connection_is_no_timeout()
    {
        await using var server = new ScriptedServer(Reply.Reset);
        await using var app = new HttpApp();
        Assert.IsType<ApiConnectionException>(await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.GetAsync(server.Address.AbsoluteUri)));
    }

    [Fact]
    public async Task Attempt_timeout_set_for_the_client_ends_a_server_that_trickles()
    {
        await using var server = new ScriptedServer(Reply.Trickle(1000, TimeSpan.FromMilliseconds(20)));
        await using var app = new HttpApp(o => o.Timeout.Attempt = TimeSpan.FromMilliseconds(200));
        var timeout = await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal((TimeoutPhase.Attempt, TimeSpan.FromMilliseconds(200)), (timeout.Phase, timeout.Limit));
    }

    [Fact]
    public async Task Attempt_timeout_of_one_request_ends_a_server_that_trickles()
    {
        await using var server = new ScriptedServer(Reply.Trickle(1000, TimeSpan.FromMilliseconds(20)));
        await using var app = new HttpApp();
        var timeout = await Assert.ThrowsAsync<ApiTimeoutException>(
            () => app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { AttemptTimeout = TimeSpan.FromMilliseconds(200) }));
        Assert.Equal(TimeoutPhase.Attempt, timeout.Phase);
    }

    [Fact]
    public async Task Total_timeout_ends_the_attempts_together()
    {
        await using var server = new ScriptedServer(Reply.Silence);
        await using var app = new HttpApp(o =>
        {
            o.Timeout.Read = Long;
            o.Timeout.Total = TimeSpan.FromMilliseconds(200);
            o.Retry.MaxAttempts = 3;
        });
        var timeout = await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal((TimeoutPhase.Total, 1), (timeout.Phase, timeout.Attempts));
    }

    [Fact]
    public async Task MapExceptions_off_shows_what_the_transport_said()
    {
        await using var server = new ScriptedServer(Reply.Silence, Reply.Status(503));
        await using var app = new HttpApp(o => (o.MapExceptions, o.Timeout.Read) = (false, TimeSpan.FromMilliseconds(50)));
        var timeout = await Assert.ThrowsAsync<PhaseTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.IsType<TimeoutException>(timeout.InnerException);
        var answer = await Assert.ThrowsAsync<HttpStatusException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }
}
