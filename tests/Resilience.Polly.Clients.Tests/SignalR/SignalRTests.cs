using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Clients.Tests;

/// <summary>SignalR over a pipeline and over plain handlers.</summary>
public class SignalRTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(HttpTransportType.WebSockets, 1, false)]
    [InlineData(HttpTransportType.WebSockets, 1, true)]
    [InlineData(HttpTransportType.WebSockets, 2, false)]
    [InlineData(HttpTransportType.WebSockets, 2, true)]
    [InlineData(HttpTransportType.ServerSentEvents, 1, false)]
    [InlineData(HttpTransportType.ServerSentEvents, 1, true)]
    [InlineData(HttpTransportType.LongPolling, 1, false)]
    [InlineData(HttpTransportType.LongPolling, 1, true)]
    public async Task Hub_is_called_and_streams(HttpTransportType transport, int version, bool pipeline)
    {
        await using var server = await ServerAsync(version);
        await using var services = Services(pipeline ? builder => Wiring.AddPipeline(builder, AsThePageSays, streamResponses: true) : _ => { });
        await using var hub = Hub(server.Address, services, transport, version);

        await hub.StartAsync().WaitAsync(Patience);

        Assert.Equal("hello", await hub.InvokeAsync<string>("Echo", "hello").WaitAsync(Patience));
        Assert.Equal("1 2 3", string.Join(' ', await hub.StreamAsync<int>("Count", 3).ToArrayAsync().AsTask().WaitAsync(Patience)));
    }

    [Fact]
    public async Task Idle_poll_outlives_the_default_limits_with_the_settings_of_the_page()
    {
        var clock = new TestClock();
        await using var server = await ServerAsync();
        await using var services = Services(builder => Wiring.AddPipeline(builder, AsThePageSays, streamResponses: true), clock);
        await using var hub = Hub(server.Address, services, HttpTransportType.LongPolling);
        var closed = Closed(hub);
        await hub.StartAsync().WaitAsync(Patience);

        // As long as the server holds a poll.
        for (var seconds = 0; seconds < 90; seconds += 10)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(20);
        }

        Assert.False(closed.IsCompleted);
        Assert.Equal("hello", await hub.InvokeAsync<string>("Echo", "hello").WaitAsync(Patience));
    }

    [Fact]
    public async Task Idle_poll_is_ended_by_the_default_limits()
    {
        var clock = new TestClock();
        await using var server = await ServerAsync();
        await using var services = Services(builder => Wiring.AddPipeline(builder, options => options.Retry.MaxAttempts = 1), clock);
        await using var hub = Hub(server.Address, services, HttpTransportType.LongPolling);
        var closed = Closed(hub);
        await hub.StartAsync().WaitAsync(Patience);

        var giveUp = DateTime.UtcNow + Patience;
        while (!closed.IsCompleted && DateTime.UtcNow < giveUp)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(20);
        }

        Assert.IsType<ApiTimeoutException>(await closed.WaitAsync(Patience));
    }

    [Fact]
    public async Task Poll_that_breaks_off_after_its_head_ends_the_connection_with_the_settings_of_the_page()
    {
        var cut = new PollCut();
        await using var server = await ServerAsync(cut: cut);
        await using var services = Services(builder => Wiring.AddPipeline(builder, AsThePageSays, streamResponses: true));
        await using var hub = Hub(server.Address, services, HttpTransportType.LongPolling);
        var closed = Closed(hub);
        await hub.StartAsync().WaitAsync(Patience);

        cut.Arm();
        await server.Services.GetRequiredService<IHubContext<EchoHub>>().Clients.All.SendAsync("Told", "first");

        Assert.NotNull(await closed.WaitAsync(Patience));
    }

    [Fact]
    public async Task Poll_that_breaks_off_after_its_head_loses_a_message_where_it_is_repeated()
    {
        var cut = new PollCut();
        await using var server = await ServerAsync(cut: cut);
        await using var services = Services(builder => Wiring.AddPipeline(builder));
        await using var hub = Hub(server.Address, services, HttpTransportType.LongPolling);
        var told = System.Threading.Channels.Channel.CreateUnbounded<string>();
        hub.On<string>("Told", text => told.Writer.TryWrite(text));
        await hub.StartAsync().WaitAsync(Patience);

        cut.Arm();
        var clients = server.Services.GetRequiredService<IHubContext<EchoHub>>().Clients;
        await clients.All.SendAsync("Told", "first");
        await cut.Done.WaitAsync(Patience);
        await clients.All.SendAsync("Told", "second");

        Assert.Equal("second", await told.Reader.ReadAsync().AsTask().WaitAsync(Patience));
    }

    /// <summary>What docs/sdks.md names.</summary>
    private static void AsThePageSays(PipelineOptions options)
    {
        options.Timeout.Read = TimeSpan.FromMinutes(2);
        options.Retry.MaxAttempts = 1;
    }

    private static Task<AppServer> ServerAsync(int version = 1, PollCut? cut = null) => AppServer.StartAsync(
        services => services.AddSignalR(),
        app =>
        {
            app.UseWebSockets();
            if (cut is not null)
            {
                app.Use(cut.InvokeAsync);
            }

            app.MapHub<EchoHub>("/hub");
        },
        version == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);

    private static Task<Exception?> Closed(HubConnection hub)
    {
        var closed = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Closed += failure =>
        {
            closed.TrySetResult(failure);
            return Task.CompletedTask;
        };
        return closed.Task;
    }

    private static ServiceProvider Services(Action<IHttpClientBuilder> wire, TimeProvider? clock = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        if (clock is not null)
        {
            services.AddSingleton(clock);
        }

        wire(services.AddHttpClient(Sdk.Name));
        return services.BuildServiceProvider();
    }

    private static HubConnection Hub(Uri server, IServiceProvider services, HttpTransportType transport, int version = 1) => new HubConnectionBuilder()
        .WithUrl(new Uri(server, "hub"), options =>
        {
            options.HttpMessageHandlerFactory = _ => services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(Sdk.Name);
            options.Transports = transport;
            if (version == 2)
            {
                options.SkipNegotiation = true;
                options.WebSocketFactory = async (context, cancellationToken) =>
                {
                    var socket = new ClientWebSocket { Options = { HttpVersion = HttpVersion.Version20, HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };
                    await socket.ConnectAsync(context.Uri, new HttpMessageInvoker(services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(Sdk.Name)), cancellationToken);
                    return socket;
                };
            }
        })
        .Build();

    private sealed class EchoHub : Hub
    {
        #pragma warning disable CA1822 // SignalR calls instances
        public string Echo(string text) => text;

        public async IAsyncEnumerable<int> Count(int to)
        {
            for (var number = 1; number <= to; number++)
            {
                await Task.Yield();
                yield return number;
            }
        }
#pragma warning restore CA1822
    }
}
