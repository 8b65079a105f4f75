using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>A connection that is handed to the caller to read and write: for whoever asked for that, and for nobody else.</summary>
public class UpgradeTests
{
    [Theory]
    [InlineData(1, false, false)]
    [InlineData(1, false, true)]
    [InlineData(1, true, true)]
    [InlineData(2, false, false)]
    [InlineData(2, false, true)]
    [InlineData(2, true, false)]
    [InlineData(2, true, true)]
    public async Task WebSocket_echoes(int version, bool tls, bool withPipeline)
    {
        await using var server = await WebServer.StartAsync(
            new WebSocketMiddleware(EchoAsync, Options.Create(new WebSocketOptions()), NullLoggerFactory.Instance).Invoke, version, tls: tls);
        await using var app = new HttpApp(o => o.Timeout.Read = TimeSpan.FromMilliseconds(500), HttpApp.Speaking(version));
        using var bare = new HttpMessageInvoker(new PhaseTimeoutHandler(Handler(), new TimeoutOptions()));
        using var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        using var socket = new ClientWebSocket();
        (socket.Options.HttpVersion, socket.Options.HttpVersionPolicy) = (new Version(version, version == 2 ? 0 : 1), HttpVersionPolicy.RequestVersionExact);
        var address = new UriBuilder(server.Address) { Scheme = tls ? "wss" : "ws" }.Uri;
        await socket.ConnectAsync(address, withPipeline ? client : bare, TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            var text = $"message {i} {new string('x', i * 50_000)}";
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
            Assert.Equal(text, await ReceiveAsync(socket));
        }

        // No read limit runs on a connection that is the caller's.
        await Task.Delay(800);
        await socket.SendAsync("late"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        Assert.Equal("late", await ReceiveAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Switch_of_protocols_that_nobody_asked_for_is_a_failure()
    {
        await using var server = new ScriptedServer(Reply.StallAfter("", "HTTP/1.1 101 Switching Protocols\r\n\r\n"));
        await using var app = new HttpApp();
        var failure = await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal(HttpRequestError.InvalidResponse, Assert.IsType<HttpRequestException>(failure.InnerException).HttpRequestError);

        using var http = new HttpClient(new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions()));
        Assert.Equal(HttpRequestError.InvalidResponse, (await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(server.Address))).HttpRequestError);
    }

    private static SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        return handler;
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[16 * 1024];
        while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } piece)
        {
            await socket.SendAsync(buffer.AsMemory(0, piece.Count), piece.MessageType, piece.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[16 * 1024];
        ValueWebSocketReceiveResult piece;
        do
        {
            piece = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            whole.Write(buffer, 0, piece.Count);
        }
        while (!piece.EndOfMessage);
        return Encoding.UTF8.GetString(whole.ToArray());
    }
}
