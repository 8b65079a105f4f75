using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace Resilience.Polly.Clients.Tests;

/// <summary>YARP's forwarder over a pipeline and over a plain handler.</summary>
public class YarpTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly IReadOnlyDictionary<string, Func<HttpRequestMessage>> Requests = new Dictionary<string, Func<HttpRequestMessage>>
    {
        ["get"] = () => new(HttpMethod.Get, "item"),
        ["head"] = () => new(HttpMethod.Head, "item"),
        ["put"] = () => new(HttpMethod.Put, "item") { Content = new StringContent("text") },
        ["post"] = () => new(HttpMethod.Post, "item") { Content = new StringContent("text") },
    };

    public static TheoryData<string, string> Rows =>
        [.. from request in Requests.Keys from fault in Fault.All where !fault.Hangs select (request, fault.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Answer_over_a_pipeline_is_at_least_that_of_the_plain_forwarder(string request, string fault)
    {
        var runs = await Task.WhenAll(ForwardAsync(request, Fault.Of(fault), pipeline: false), ForwardAsync(request, Fault.Of(fault), pipeline: true));

        Assert.True(
            runs[1] == runs[0] || (runs[1].Status == 200 && runs[1].Error is null && runs[0].Status != 200),
            $"plain: {runs[0]}\nours: {runs[1]}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_of_a_request_is_sent_on_while_it_comes(bool pipeline)
    {
        await using var destination = await AppServer.StartAsync(
            _ => { },
            app => app.Run(async context =>
            {
                // Answers each piece before the next one is sent.
                var buffer = new byte[16];
                await context.Response.StartAsync();
                while (await context.Request.Body.ReadAsync(buffer) is > 0 and var count)
                {
                    await context.Response.Body.WriteAsync(buffer.AsMemory(0, count));
                }
            }));
        await using var services = Services(pipeline);
        await using var proxy = await ProxyAsync(destination.Address, services);
        using var client = new HttpClient();
        var gate = new TaskCompletionSource();
        using var content = new GatedContent(gate.Task);
        using var request = new HttpRequestMessage(HttpMethod.Post, proxy.Address) { Content = content };

        var sending = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await content.FirstSent.WaitAsync(Patience);
        gate.SetResult();
        using var response = await sending.WaitAsync(Patience);

        Assert.Equal("firstlast", await response.Content.ReadAsStringAsync().WaitAsync(Patience));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WebSocket_is_forwarded(bool pipeline)
    {
        await using var destination = await AppServer.StartAsync(
            _ => { },
            app =>
            {
                app.UseWebSockets();
                app.Run(async context =>
                {
                    using var socket = await context.WebSockets.AcceptWebSocketAsync();
                    var buffer = new byte[100];
                    var received = await socket.ReceiveAsync(buffer, default);
                    await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, true, default);
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
                });
            });
        await using var services = Services(pipeline);
        await using var proxy = await ProxyAsync(destination.Address, services);
        using var client = new ClientWebSocket();

        await client.ConnectAsync(new UriBuilder(proxy.Address) { Scheme = "ws" }.Uri, default).WaitAsync(Patience);
        await client.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, default).WaitAsync(Patience);
        var buffer = new byte[100];
        var received = await client.ReceiveAsync(buffer, default).WaitAsync(Patience);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    private static async Task<Forwarded> ForwardAsync(string name, Fault fault, bool pipeline)
    {
        await using var destination = new ScriptedServer((request, number) =>
            fault.Break(request.Method == "HEAD" ? new(200, "") : Answer.Json("""{"name":"pen"}"""), number));
        await using var services = Services(pipeline);
        await using var proxy = await ProxyAsync(destination.Address, services);
        using var client = new HttpClient { BaseAddress = proxy.Address };
        using var request = Requests[name]();
        try
        {
            using var response = await client.SendAsync(request).WaitAsync(Patience);
            return new((int)response.StatusCode, response.Headers.TryGetValues("error", out var error) ? error.Single() : null, await response.Content.ReadAsStringAsync(), null);
        }
        catch (HttpRequestException failure)
        {
            return new(0, null, null, failure.HttpRequestError);
        }
    }

    private static ServiceProvider Services(bool pipeline)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        var builder = services.AddHttpClient(Sdk.Name).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
        });
        if (pipeline)
        {
            Wiring.AddPipeline(builder, streamResponses: true);
        }

        return services.BuildServiceProvider();
    }

    private static Task<AppServer> ProxyAsync(Uri destination, IServiceProvider services) => AppServer.StartAsync(
        collection => collection.AddHttpForwarder(),
        app =>
        {
            var invoker = new HttpMessageInvoker(services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(Sdk.Name));
            var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
            app.UseWebSockets();
            app.Run(async context =>
            {
                var error = await forwarder.SendAsync(context, destination.ToString(), invoker);
                if (error != ForwarderError.None && !context.Response.HasStarted)
                {
                    context.Response.Headers["error"] = error.ToString();
                }
            });
        });

    private sealed record Forwarded(int Status, string? Error, string? Body, HttpRequestError? Failure);

    /// <summary>A body in two pieces, the second one when the test says so.</summary>
    private sealed class GatedContent(Task gate) : HttpContent
    {
        private readonly TaskCompletionSource _firstSent = new();

        public Task FirstSent => _firstSent.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("first"u8.ToArray());
            await stream.FlushAsync();
            _firstSent.SetResult();
            await gate;
            await stream.WriteAsync("last"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
