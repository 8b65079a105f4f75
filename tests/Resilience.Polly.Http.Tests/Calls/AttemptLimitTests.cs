using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>An attempt that is not streamed ends, whatever the server does.</summary>
public class AttemptLimitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestClock _clock = new();

    private HttpApp App(Action<PipelineOptions>? more = null) => new(
        o =>
        {
            o.Timeout.Read = Timeout.InfiniteTimeSpan; // a server that drips never trips it
            more?.Invoke(o);
        },
        more: services => services.AddSingleton<TimeProvider>(_clock));

    private static ResilientRequestOptions Events => new() { Headers = { ["Accept"] = "text/event-stream" } };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Attempt_has_100_seconds_where_nothing_else_is_said(bool withHead)
    {
        await using var server = new ScriptedServer(withHead ? Reply.StallAfter("some") : Reply.Silence);
        await using var app = App();
        var call = app.Client.GetAsync(server.Address.AbsoluteUri);
        await HasComeAsync(server);
        _clock.Advance(TimeSpan.FromSeconds(99));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var timeout = await Assert.ThrowsAsync<ApiTimeoutException>(() => call.WaitAsync(Patience));
        Assert.Equal((TimeoutPhase.Attempt, TimeSpan.FromSeconds(100)), (timeout.Phase, timeout.Limit));
        Assert.Equal(0, app.Snapshot.Bulkhead.InUse);
    }

    [Fact]
    public async Task Limit_of_the_pipeline_and_of_the_request_come_before_it()
    {
        await using var server = new ScriptedServer(Reply.Silence);
        await using var app = App(o => o.Timeout.Attempt = TimeSpan.FromSeconds(200));
        var byPipeline = app.Client.GetAsync(server.Address.AbsoluteUri);
        var byRequest = app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { AttemptTimeout = Timeout.InfiniteTimeSpan });
        await HasComeAsync(server, 2);
        _clock.Advance(TimeSpan.FromSeconds(199));
        Assert.False(byPipeline.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(200), (await Assert.ThrowsAsync<ApiTimeoutException>(() => byPipeline.WaitAsync(Patience))).Limit);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(byRequest.IsCompleted);
    }

    [Fact]
    public async Task Stream_may_be_as_long_in_beginning_as_it_likes()
    {
        await using var server = new ScriptedServer(Reply.Silence);
        await using var app = App();
        var asked = app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
        var accepted = app.Client.GetAsync(server.Address.AbsoluteUri, options: Events);
        await HasComeAsync(server, 2);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(asked.IsCompleted || accepted.IsCompleted);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(503)]
    public async Task Answer_that_is_no_stream_although_one_was_asked_for_has_it_for_its_body(int status)
    {
        await using var server = new ScriptedServer(Reply.StallAfter("{", $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"));
        await using var app = App();
        var call = app.Client.GetAsync(server.Address.AbsoluteUri, options: Events);
        for (var i = 0; i < 600 && !call.IsCompleted; i++)
        {
            await Task.Delay(50);
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        await Assert.ThrowsAnyAsync<ApiConnectionException>(() => call.WaitAsync(Patience));
    }

    private static async Task HasComeAsync(ScriptedServer server, int count = 1)
    {
        for (var i = 0; i < 600 && server.Requests.Count < count; i++)
        {
            await Task.Delay(50);
        }

        Assert.Equal(count, server.Requests.Count);
    }
}
