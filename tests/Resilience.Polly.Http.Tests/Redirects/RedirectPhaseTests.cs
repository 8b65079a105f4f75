using Resilience.Polly.Http.Tests.Phases;

namespace Resilience.Polly.Http.Tests.Redirects;

/// <summary>Each hop has limits of its own, whatever it waits for.</summary>
[Collection(nameof(RealTime))]
public class RedirectPhaseTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public async Task Pool_limit_holds_for_the_second_hop(int milliseconds)
    {
        await using var full = new ScriptedServer(Reply.Silence);
        await using var first = new ScriptedServer(Reply.Redirect(302, full.Address + "there"));
        await using var app = App(maxConnections: 1);
        using var enough = new CancellationTokenSource();
        var holder = app.Client.GetAsync(full.Address + "hold", cancellationToken: enough.Token);
        await SeenAsync(full);

        var limit = TimeSpan.FromMilliseconds(milliseconds);
        var failure = await RealTime.FailsAtAsync<PoolTimeoutException>(limit, () => app.Client.GetAsync(first.Address.AbsoluteUri, options: new() { PoolTimeout = limit }));
        Assert.Equal(limit, failure.Limit);
        Assert.Single(full.Requests);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => holder);
    }

    [Fact]
    public async Task Hop_that_gets_its_connection_in_time_goes_on()
    {
        var gate = new TaskCompletionSource();
        await using var full = new ScriptedServer((request, _) => request.Path == "/hold" ? Reply.Ok("held").After(gate.Task) : Reply.Ok("there"));
        await using var first = new ScriptedServer(Reply.Redirect(302, full.Address + "there"));
        await using var app = App(maxConnections: 1);
        var holder = app.Client.GetAsync(full.Address + "hold");
        await SeenAsync(full);
        var redirected = app.Client.GetAsync(first.Address.AbsoluteUri, options: new() { ConnectTimeout = TimeSpan.FromMilliseconds(1) + Short });
        await Task.Delay(Short * 2);
        gate.SetResult();
        using var response = await redirected;
        Assert.Equal("there", await response.Content.ReadAsStringAsync());
        (await holder).Dispose();
    }

    [Fact]
    public async Task Connect_limit_holds_for_the_second_hop()
    {
        using var deaf = new DeafServer();
        await using var first = new ScriptedServer(Reply.Redirect(302, deaf.Address.AbsoluteUri));
        await using var app = App();
        var failure = await RealTime.FailsAtAsync<ApiTimeoutException>(Short, () => app.Client.GetAsync(first.Address.AbsoluteUri, options: new() { ConnectTimeout = Short }));
        Assert.Equal((TimeoutPhase.Connect, Short), (failure.Phase, failure.Limit));
    }

    [Fact]
    public async Task Read_limit_begins_again_with_the_second_hop()
    {
        await using var silent = new ScriptedServer(Reply.Silence);
        await using var first = new ScriptedServer(Reply.Redirect(302, silent.Address.AbsoluteUri).After(Short));
        await using var app = App();
        var limit = TimeSpan.FromMilliseconds(400);
        var failure = await RealTime.FailsAtAsync<ApiTimeoutException>(Short + limit, () => app.Client.GetAsync(first.Address.AbsoluteUri, options: new() { ReadTimeout = limit }));
        Assert.Equal((TimeoutPhase.Read, limit), (failure.Phase, failure.Limit));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60_000)]
    public async Task Head_that_stalls_after_its_location_is_a_read_timeout(int pool)
    {
        await using var server = new ScriptedServer(Reply.StallAfter("", "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n"));
        await using var app = App();
        var failure = await Assert.ThrowsAsync<ApiTimeoutException>(
            () => app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { ReadTimeout = Short, PoolTimeout = TimeSpan.FromMilliseconds(pool) }));
        Assert.Equal((TimeoutPhase.Read, Short), (failure.Phase, failure.Limit));
    }

    [Fact]
    public async Task Location_of_an_answer_that_is_no_redirect_changes_no_limit()
    {
        await using var server = new ScriptedServer((request, _) => request.Path == "/stall"
            ? Reply.StallAfter("some", "HTTP/1.1 201 Created\r\nLocation: /there\r\nContent-Length: 1000\r\n\r\n")
            : Reply.Status(201, "made", ("Location", "/there")));
        await using var app = App();
        for (var i = 0; i < 200; i++)
        {
            (await app.Client.GetAsync(server.Address + "made", options: new() { PoolTimeout = TimeSpan.Zero })).Dispose();
        }

        var failure = await RealTime.FailsAtAsync<ApiTimeoutException>(Short, () => app.Client.GetAsync(server.Address + "stall", options: new() { ReadTimeout = Short, PoolTimeout = TimeSpan.Zero }));
        Assert.Equal((TimeoutPhase.Read, Short), (failure.Phase, failure.Limit));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Redirects_3_000_that_share_few_connections_hit_no_limit_and_leave_no_endpoint(int version)
    {
        WebServer? second = null;
        await using var first = await WebServer.StartAsync(
            context =>
            {
                context.Response.Redirect(context.Request.Path == "/one" ? "/two" : second!.Address + "end");
                return Task.CompletedTask;
            },
            version,
            streams: 4);
        second = await WebServer.StartAsync(static context => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, "end"), version, streams: 4);
        await using var ending = second;
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 3 };
        var limits = new TimeoutOptions { Connect = Long, Read = Long, Write = Long, Pool = Long };
        var phases = new PhaseTimeoutHandler(handler, limits);
        using (var client = new HttpClient(phases)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = new Version(version, version == 2 ? 0 : 1),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        })
        {
            await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Task.Run(async () =>
            {
                for (var i = 0; i < 125; i++)
                {
                    Assert.Equal("end", await client.GetStringAsync(first.Address + (i % 2 == 0 ? "one" : "two")));
                }
            })));
            Assert.Equal(2, RememberedServers.Count(phases));
        }

        await UntilAsync(() => RememberedServers.Count(phases) == 0);
    }

    private static HttpApp App(int maxConnections = int.MaxValue) => new(
        o => (o.Timeout.Connect, o.Timeout.Write, o.Timeout.Pool, o.Timeout.Read) = (Long, Long, Long, Long),
        HttpApp.Speaking(1, maxConnections));

    private static Task SeenAsync(ScriptedServer server) => UntilAsync(() => server.Requests.Count > 0);

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var left = 2000; !condition(); left--)
        {
            Assert.True(left > 0, "it did not become true within 20 s");
            await Task.Delay(10);
        }
    }
}
