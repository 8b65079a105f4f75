using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>A connection outlives the request that opened it, and keeps nothing of what that request had with it.</summary>
public class AmbientDataTests
{
    private static readonly AsyncLocal<object?> Ambient = new();

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(1, true, false)]
    [InlineData(2, false, false)]
    [InlineData(2, true, false)]
    [InlineData(1, false, true)]
    public async Task Connection_does_not_keep_the_ambient_data_of_the_request_that_opened_it(int version, bool tls, bool dials)
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("ok"), version, tls: tls);
        await using var app = new HttpApp(client: HttpApp.Speaking(version, more: handler => handler.ConnectCallback = !dials ? null : async (context, token) =>
        {
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            await socket.ConnectAsync(context.DnsEndPoint, token);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        }));
        var client = app.Client;
        var data = await Task.Run(() => SendAsync(client, server.Address));
        for (var left = 500; data.IsAlive; left--)
        {
            Assert.True(left > 0, "the data is alive after 5 s");
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(10);
        }

        GC.KeepAlive(client);
    }

    [Fact]
    public async Task Request_of_a_caller_whose_ambient_data_does_not_flow_is_sent()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        using var http = new HttpClient(new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions()));
        Task<string> sending;
        using (ExecutionContext.SuppressFlow())
        {
            sending = http.GetStringAsync(server.Address);
        }

        Assert.Equal("ok", await sending);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> SendAsync(ResilientClient client, Uri address)
    {
        var data = new object();
        Ambient.Value = data;
        (await client.GetAsync(address.AbsoluteUri)).Dispose();
        Ambient.Value = null;
        return new WeakReference(data);
    }
}
