using System.Collections.Concurrent;
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
}
