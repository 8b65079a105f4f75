using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>The handler below: .NET's own, one that is replaced from time to time, another one, one behind a proxy.</summary>
public class PrimaryHandlerTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Handler_of_another_kind_has_read_and_write_limits()
    {
        await using var server = new ScriptedServer((request, _) => request.Method == "GET" ? Reply.Silence : Reply.Unread);
        await using var app = new HttpApp(
            o => (o.Timeout.Read, o.Timeout.Write) = (Short, Short),
            client => client.ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()));
        Assert.Equal(TimeoutPhase.Read, (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri))).Phase);
        Assert.Equal(
            TimeoutPhase.Write,
            (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, new ByteArrayContent(new byte[32 << 20])))).Phase);
    }

    [Theory]
    [InlineData(nameof(TimeoutOptions.Connect))]
    [InlineData(nameof(TimeoutOptions.Pool))]
    public async Task Handler_of_another_kind_is_refused_when_connect_or_pool_is_asked_for(string setting)
    {
        await using var app = new HttpApp(
            o => typeof(TimeoutOptions).GetProperty(setting)!.SetValue(o.Timeout, Short),
            client => client.ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()));
        var refused = Assert.Throws<InvalidOperationException>(() => app.Client);
        Assert.Contains($"HttpClientHandler does not let its connections be seen, so it cannot enforce Timeout:{setting} = 00:00:00.2000000", refused.Message);
    }

    [Fact]
    public async Task Handler_of_another_kind_is_refused_for_a_request_that_asks_for_connect_or_pool()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp(client: client => client.ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { PoolTimeout = Short }));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Handler_of_another_kind_is_accepted_when_connect_and_pool_are_switched_off()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp(
            o => o.Timeout.Connect = o.Timeout.Pool = Timeout.InfiniteTimeSpan,
            client => client.ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()));
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
    }

    [Fact]
    public async Task Handlers_that_are_replaced_all_have_their_limits()
    {
        await using var server = new ScriptedServer((request, _) => request.Path == "/ok" ? Reply.Ok() : Reply.Silence);
        var made = 0;
        await using var app = new HttpApp(
            o => o.Timeout.Read = Short,
            client => client.ConfigurePrimaryHttpMessageHandler(() =>
            {
                made++;
                return new SocketsHttpHandler();
            }));

        // The factory keeps a handler for at least a second; forgetting it is what its timer would do.
        var factory = app.Services.GetRequiredService<IHttpMessageHandlerFactory>();
        for (var generation = 1; generation <= 3; generation++)
        {
            (await app.Client.GetAsync(server.Address + "ok")).Dispose();
            Assert.Equal(TimeoutPhase.Read, (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address + "hang"))).Phase);
            Assert.Equal(generation, made);
            Forget(factory);
        }
    }

    [Fact]
    public async Task Handler_that_is_handed_out_again_and_again_is_hooked_once()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        using var shared = new SocketsHttpHandler();
        await using var one = new HttpApp(client: client => client.ConfigurePrimaryHttpMessageHandler(() => shared));
        await using var other = new HttpApp(client: client => client.ConfigurePrimaryHttpMessageHandler(() => shared));
        (await one.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        (await other.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Hooks_of_the_application_go_on_working()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        var (dialled, filtered, encoded) = (0, 0, 0);
        await using var app = new HttpApp(client: HttpApp.Speaking(1, more: handler =>
        {
            handler.ConnectCallback = async (context, token) =>
            {
                dialled++;
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            };
            handler.PlaintextStreamFilter = (context, _) =>
            {
                filtered++;
                return new(context.PlaintextStream);
            };
            handler.RequestHeaderEncodingSelector = (_, _) =>
            {
                encoded++;
                return null;
            };
        }));
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        Assert.Equal((1, 1, 1), (dialled, filtered, encoded)); // asked once for each header
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Tunnel_through_a_proxy_is_measured_like_a_direct_connection(int version)
    {
        await using var server = await WebServer.StartAsync(context => context.Request.Path == "/hang" ? WebServer.HangAsync(context) : context.Response.WriteAsync("ok"), version, tls: true);
        await using var proxy = new ConnectProxy();
        await using var app = new HttpApp(
            o => (o.Timeout.Connect, o.Timeout.Read) = (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20)),
            HttpApp.Speaking(version, maxConnections: 1, handler => handler.Proxy = proxy.Proxy));
        (await app.Client.GetAsync(server.Address + "ok")).Dispose();
        Assert.Equal(1, proxy.Tunnels);
        var read = await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address + "hang", options: new() { ReadTimeout = Short }));
        Assert.Equal(TimeoutPhase.Read, read.Phase);
    }

    [Fact]
    public async Task Tunnel_that_is_taken_makes_others_wait_for_the_pool()
    {
        var inside = new TaskCompletionSource();
        await using var server = await WebServer.StartAsync(
            context =>
            {
                inside.TrySetResult();
                return WebServer.HangAsync(context);
            },
            tls: true);
        await using var proxy = new ConnectProxy();
        await using var app = new HttpApp(client: HttpApp.Speaking(1, maxConnections: 1, handler => handler.Proxy = proxy.Proxy));
        using var enough = new CancellationTokenSource();
        var holder = app.Client.GetAsync(server.Address.AbsoluteUri, cancellationToken: enough.Token);
        await inside.Task;
        await Assert.ThrowsAsync<PoolTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { PoolTimeout = Short }));
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => holder);
    }

    [Fact]
    public async Task Proxy_that_opens_no_tunnel_is_a_connect_timeout()
    {
        await using var proxy = new ConnectProxy { IsSilent = true };
        await using var app = new HttpApp(o => o.Timeout.Connect = Short, HttpApp.Speaking(1, more: handler => handler.Proxy = proxy.Proxy));
        var timeout = await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync("https://127.0.0.1:9/"));
        Assert.Equal((TimeoutPhase.Connect, Short), (timeout.Phase, timeout.Limit));
    }

    // IHttpClientFactory replaces a handler when the timer of its lifetime comes. There is no way to move its clock.
    private static void Forget(IHttpMessageHandlerFactory factory)
    {
        var active = factory.GetType().GetField("_activeHandlers", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(factory)!;
        active.GetType().GetMethod("Clear")!.Invoke(active, null);
    }
}
