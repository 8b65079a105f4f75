using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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
            client => client.ConfigurePrimaryHttpMessageHandler(() => new Foreign()));
        Assert.Equal(TimeoutPhase.Read, (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri))).Phase);
        Assert.Equal(
            TimeoutPhase.Write,
            (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, new ByteArrayContent(new byte[32 << 20])))).Phase);
    }

    [Fact]
    public async Task Handler_of_another_kind_is_one_warning_that_names_the_limits_that_are_lost()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        var log = new LogRecorder(typeof(PhaseTimeoutHandler).FullName!);
        await using var app = new HttpApp(
            o => (o.Timeout.Connect, o.Timeout.Pool) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)),
            client => client.ConfigurePrimaryHttpMessageHandler(() => new Foreign()),
            services => services.AddLogging(logging => logging.AddProvider(log)));
        for (var generation = 0; generation < 3; generation++)
        {
            (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
            Forget(app.Services.GetRequiredService<IHttpMessageHandlerFactory>());
        }

        Assert.Equal(
            "Warning: HttpClient 'payments' does not enforce Timeout:Connect = 00:00:02 and Timeout:Pool = 00:00:01: the connections of its primary handler Foreign cannot be seen. "
            + "Timeout:Read and Timeout:Write are enforced. Use a SocketsHttpHandler that has not sent a request to enforce all four",
            Assert.Single(log.Lines));
    }

    [Fact]
    public async Task Handler_of_another_kind_is_no_warning_where_connect_and_pool_are_switched_off()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        var log = new LogRecorder(typeof(PhaseTimeoutHandler).FullName!);
        await using var app = new HttpApp(
            o => o.Timeout.Connect = o.Timeout.Pool = Timeout.InfiniteTimeSpan,
            client => client.ConfigurePrimaryHttpMessageHandler(() => new Foreign()),
            services => services.AddLogging(logging => logging.AddProvider(log)));
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task Handler_that_has_sent_a_request_is_a_warning_and_keeps_its_read_limit()
    {
        await using var server = new ScriptedServer(Reply.Ok(), Reply.Silence);
        using var used = new SocketsHttpHandler();
        using var plain = new HttpClient(used);
        (await plain.GetAsync(server.Address)).Dispose();
        var log = new LogRecorder(typeof(PhaseTimeoutHandler).FullName!);
        await using var app = new HttpApp(
            o => o.Timeout.Read = Short,
            client => client.ConfigurePrimaryHttpMessageHandler(() => used),
            services => services.AddLogging(logging => logging.AddProvider(log)));
        Assert.Equal(TimeoutPhase.Read, (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri))).Phase);
        Assert.Contains("primary handler SocketsHttpHandler cannot be seen", Assert.Single(log.Lines));
    }

    [Theory]
    [InlineData(nameof(TimeoutOptions.Connect))]
    [InlineData(nameof(TimeoutOptions.Pool))]
    public void Handler_of_another_kind_is_refused_without_a_pipeline_when_connect_or_pool_is_asked_for(string setting)
    {
        var limits = new TimeoutOptions();
        typeof(TimeoutOptions).GetProperty(setting)!.SetValue(limits, Short);
        var refused = Assert.Throws<InvalidOperationException>(() => new PhaseTimeoutHandler(new Foreign(), limits));
        Assert.Contains($"Foreign does not let its connections be seen, so it cannot enforce Timeout:{setting} = 00:00:00.2000000", refused.Message);
    }

    [Fact]
    public async Task Handler_of_another_kind_is_refused_for_a_request_that_asks_for_connect_or_pool()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp(client: client => client.ConfigurePrimaryHttpMessageHandler(() => new Foreign()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { PoolTimeout = Short }));
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HttpClientHandler_has_all_four_limits(bool derived)
    {
        await using var server = new ScriptedServer((request, _) => request.Method == "GET" ? Reply.Silence : Reply.Unread);
        using var deaf = new DeafServer();
        var log = new LogRecorder(typeof(PhaseTimeoutHandler).FullName!);
        await using var app = new HttpApp(
            o => (o.Timeout.Connect, o.Timeout.Pool) = (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20)),
            client => client.ConfigurePrimaryHttpMessageHandler(() => derived ? new Derived { MaxConnectionsPerServer = 1 } : new HttpClientHandler { MaxConnectionsPerServer = 1 }),
            services => services.AddLogging(logging => logging.AddProvider(log)));
        Assert.Equal(TimeoutPhase.Connect, (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(deaf.Address.AbsoluteUri, options: new() { ConnectTimeout = Short }))).Phase);
        Assert.Equal(
            TimeoutPhase.Write,
            (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, new ByteArrayContent(new byte[32 << 20]), options: new() { WriteTimeout = Short }))).Phase);
        var holder = app.Client.GetAsync(server.Address + "holder", options: new() { ReadTimeout = TimeSpan.FromSeconds(10) });
        for (var left = 1000; server.Requests.All(request => request.Path != "/holder"); left--)
        {
            Assert.True(left > 0, "the request did not arrive");
            await Task.Delay(10);
        }

        await Assert.ThrowsAsync<PoolTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { PoolTimeout = Short }));
        Assert.Equal(TimeoutPhase.Read, (await Assert.ThrowsAsync<ApiTimeoutException>(() => holder)).Phase);
        Assert.Empty(log.Lines);
    }

    /// <summary>What is set on it stays set, whatever the property: the handler itself goes on sending.</summary>
    [Fact]
    public async Task HttpClientHandler_keeps_every_property()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        var set = new HttpClientHandler();
        var expected = new Dictionary<string, object?>();
        foreach (var property in typeof(HttpClientHandler).GetProperties().Where(property => property is { CanRead: true, CanWrite: true }))
        {
            property.SetValue(set, Other(property.PropertyType, property.GetValue(set)));
            expected[property.Name] = property.GetValue(set);
        }

        set.Proxy = null;
        expected[nameof(HttpClientHandler.Proxy)] = null;
        expected[nameof(HttpClientHandler.UseDefaultCredentials)] = set.UseDefaultCredentials;
        await using var app = new HttpApp(client: client => client.ConfigurePrimaryHttpMessageHandler(() => set));
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        Assert.Equal(expected, typeof(HttpClientHandler).GetProperties().Where(property => property is { CanRead: true, CanWrite: true }).ToDictionary(property => property.Name, property => property.GetValue(set)));
        Assert.True(expected.Count > 15);
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

    [Fact]
    public async Task ResponseHeaderEncodingSelector_of_the_application_goes_on_working()
    {
        await using var server = new ScriptedServer(Reply.Redirect(302, "/there"), Reply.Status(200, "ok", ("X-Name", "Zoë")));
        await using var app = new HttpApp(client: HttpApp.Speaking(1, more: handler => handler.ResponseHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8));
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri);
        Assert.Equal("Zoë", response.Headers.GetValues("X-Name").Single());
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

    private static object? Other(Type type, object? value) =>
        type == typeof(bool) ? !(bool)value!
        : type == typeof(int) ? (int)value! == int.MaxValue ? 7 : (int)value! + 1
        : type == typeof(long) ? 0L
        : type.IsEnum ? Enum.GetValues(type).Cast<object>().First(other => !other.Equals(value) && Convert.ToInt64(other, null) is >= 0 and not (12 or 48))
        : type == typeof(System.Net.CookieContainer) ? new System.Net.CookieContainer()
        : type == typeof(System.Net.ICredentials) ? new System.Net.NetworkCredential("name", "secret")
        : type == typeof(System.Net.IWebProxy) ? new System.Net.WebProxy("http://127.0.0.1:1/")
        : type == typeof(System.Diagnostics.Metrics.IMeterFactory) ? null
        : typeof(Delegate).IsAssignableFrom(type) ? HttpClientHandler.DangerousAcceptAnyServerCertificateValidator
        : throw new NotSupportedException($"a property of type {type}");

    private sealed class Derived : HttpClientHandler;

    /// <summary>A handler that sends and shows nothing of how.</summary>
    private sealed class Foreign : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inside = new(new SocketsHttpHandler());

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _inside.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            _inside.Dispose();
            base.Dispose(disposing);
        }
    }
}
