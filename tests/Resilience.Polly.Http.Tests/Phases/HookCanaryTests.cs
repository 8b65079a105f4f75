using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>
/// What the phase timeouts rely on and .NET does not promise: its hook for header encodings is called for each request's own
/// message when a connection or stream was assigned to it, and not before. Should a new .NET fail here, the phases
/// need another signal.
/// </summary>
public class HookCanaryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RequestHeaderEncodingSelector_is_called_when_a_connection_or_stream_was_assigned(int version)
    {
        var gate = new TaskCompletionSource();
        var inside = new TaskCompletionSource();
        await using var server = await WebServer.StartAsync(
            async context =>
            {
                if (context.Request.Path == "/hold")
                {
                    inside.SetResult();
                    await gate.Task;
                }
            },
            version,
            streams: 1);
        var called = new ConcurrentDictionary<HttpRequestMessage, int>();
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 1,
            RequestHeaderEncodingSelector = (_, message) =>
            {
                called.AddOrUpdate(message, 1, static (_, count) => count + 1);
                return Encoding.ASCII;
            },
        });

        (await client.SendAsync(Request("warm"), default)).Dispose();
        var holder = client.SendAsync(Request("hold"), default);
        await inside.Task;

        var idle = Request("waits");
        var waiter = client.SendAsync(idle, default);
        Assert.DoesNotContain(idle, called.Keys);

        gate.SetResult();
        (await holder).Dispose();
        (await waiter).Dispose();
        Assert.Contains(idle, called.Keys);
        Assert.Equal(3, called.Count);

        HttpRequestMessage Request(string path) => new(HttpMethod.Get, server.Address + path)
        {
            Version = new Version(version, version == 2 ? 0 : 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "X-Any", "header" } },
        };
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RequestHeaderEncodingSelector_is_called_before_SendAsync_returns_when_a_connection_is_idle(int version)
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("ok"), version);
        var called = 0;
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            RequestHeaderEncodingSelector = (_, _) =>
            {
                called++;
                return null;
            },
        });
        (await client.SendAsync(Request(), default)).Dispose();
        called = 0;
        var sending = client.SendAsync(Request(), default);
        Assert.Equal(1, called);
        (await sending).Dispose();

        HttpRequestMessage Request() => new(HttpMethod.Get, server.Address)
        {
            Version = new Version(version, version == 2 ? 0 : 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "X-Any", "header" } },
        };
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ResponseHeaderEncodingSelector_tells_of_a_redirect_before_the_next_hop_has_another_address(int version)
    {
        await using var server = await WebServer.StartAsync(
            context =>
            {
                if (context.Request.Path != "/end")
                {
                    context.Response.Redirect(context.Request.Path == "/" ? "/middle" : "/end");
                }

                return Task.CompletedTask;
            },
            version);
        var told = new List<string>();
        var addresses = new List<Uri>();
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            RequestHeaderEncodingSelector = (_, message) =>
            {
                addresses.Add(message.RequestUri!);
                told.Add($"writes {message.RequestUri!.AbsolutePath}");
                return null;
            },
            ResponseHeaderEncodingSelector = (header, message) =>
            {
                if (header.Equals("Location", StringComparison.OrdinalIgnoreCase))
                {
                    told.Add($"redirected from {message.RequestUri!.AbsolutePath}");
                }

                return null;
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address)
        {
            Version = new Version(version, version == 2 ? 0 : 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "X-Any", "header" } },
        };
        (await client.SendAsync(request, default)).Dispose();
        Assert.Equal(["writes /", "redirected from /", "writes /middle", "redirected from /middle", "writes /end"], told);
        Assert.Equal(3, addresses.Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public void HttpClientHandler_has_a_SocketsHttpHandler_inside()
    {
        using var handler = new HttpClientHandler { MaxConnectionsPerServer = 7 };
        Assert.Equal(7, Underlying(handler).MaxConnectionsPerServer);
    }

    [Fact]
    public void Message_has_no_options_until_somebody_asks_for_them()
    {
        using var message = new HttpRequestMessage();
        Assert.Null(OptionsOf(message));
        Assert.Empty(message.Options);
        Assert.NotNull(OptionsOf(message));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_underlyingHandler")]
    private static extern ref SocketsHttpHandler Underlying(HttpClientHandler handler);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_options")]
    private static extern ref HttpRequestOptions? OptionsOf(HttpRequestMessage message);
}
