using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>A streamed body that breaks off throws what code around streams catches. What it was for the call stands inside.</summary>
public class BrokenStreamTests
{
    public static TheoryData<string, int> Breaks => new() { { "reset", 1 }, { "short", 1 }, { "abort", 2 }, { "abort", 1 } };

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Body_that_breaks_off_is_an_IOException_around_the_one_of_the_pipeline(string how, int version)
    {
        await using var server = await StartAsync(how, version);
        await using var app = new HttpApp(client: HttpApp.Speaking(version));
        using var plain = new HttpClient(new SocketsHttpHandler());
        using var pipeline = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        var (expected, seen) = (await BreakAsync(plain, server.Address, version), await BreakAsync(pipeline, server.Address, version));
        Assert.IsAssignableFrom<IOException>(expected);
        Assert.IsAssignableFrom<IOException>(seen);
        Assert.Equal(expected is HttpIOException, seen is HttpIOException);
        Assert.Equal((expected as HttpIOException)?.HttpRequestError, (seen as HttpIOException)?.HttpRequestError);
        var told = Assert.IsType<ApiConnectionException>(seen.InnerException);
        Assert.Equal((HttpApp.Name, 1), (told.PipelineName, told.Attempts));
        Assert.NotNull(told.RequestId);
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Content_that_breaks_off_throws_the_one_of_the_pipeline(string how, int version)
    {
        await using var server = await StartAsync(how, version);
        await using var app = new HttpApp(client: HttpApp.Speaking(version));
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
        await Assert.ThrowsAsync<ApiConnectionException>(() => response.Content.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task Target_that_cannot_be_written_is_no_failure_of_the_answer()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp();
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.CopyToAsync(new Full()));
        Assert.Equal("full", Assert.IsType<IOException>(failure.InnerException).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Limit_that_is_hit_is_an_IOException_around_the_timeout(bool mapped)
    {
        var limit = TimeSpan.FromMilliseconds(100);
        await using var server = new ScriptedServer(Reply.StallAfter("some"));
        await using var app = new HttpApp(o => (o.Timeout.Read, o.MapExceptions) = (limit, mapped));
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
        var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[4]);
        var broken = await Assert.ThrowsAsync<IOException>(() => body.ReadAsync(new byte[1]).AsTask());
        var limits = broken.InnerException switch
        {
            ApiTimeoutException timeout when mapped => (timeout.Phase, timeout.Limit),
            PhaseTimeoutException timeout when !mapped => (timeout.Phase, timeout.Limit),
            _ => default((TimeoutPhase, TimeSpan?)),
        };
        Assert.Equal((TimeoutPhase.Read, limit), limits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Read_without_a_buffer_waits_under_the_read_limit(int version)
    {
        var limit = TimeSpan.FromMilliseconds(100);
        await using var server = await WebServer.StartAsync(
            async context =>
            {
                await context.Response.Body.FlushAsync();
                await WebServer.HangAsync(context);
            },
            version);
        await using var app = new HttpApp(o => o.Timeout.Read = limit, HttpApp.Speaking(version));
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
        var body = await response.Content.ReadAsStreamAsync();
        var broken = await Assert.ThrowsAnyAsync<IOException>(() => body.ReadAsync(Memory<byte>.Empty).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(TimeoutPhase.Read, Assert.IsType<ApiTimeoutException>(broken.InnerException).Phase);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Read_without_a_buffer_takes_nothing_and_ends_nothing(int version)
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("some"), version);
        await using var app = new HttpApp(client: HttpApp.Speaking(version));
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
        var body = await response.Content.ReadAsStreamAsync();
        Assert.Equal(0, await body.ReadAsync(Memory<byte>.Empty));
        Assert.Equal("some", await new StreamReader(body).ReadToEndAsync());
    }

    /// <summary>Sends a part of the body, and breaks it off when that was read.</summary>
    private static async Task<Server> StartAsync(string how, int version)
    {
        if (how == "abort")
        {
            var web = await WebServer.StartAsync(
                async context =>
                {
                    context.Response.ContentLength = 1000;
                    await context.Response.WriteAsync("some");
                    await context.Response.Body.FlushAsync();
                    await Task.Delay(100);
                    context.Abort();
                },
                version);
            return new Server(web.Address, web);
        }

        var listener = new LoopbackListener(async (socket, _, stop) =>
        {
            await socket.ReceiveAsync(new byte[16 * 1024], stop);
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome"u8.ToArray(), stop);
            await Task.Delay(100, stop);
            if (how == "reset")
            {
                socket.LingerState = new LingerOption(true, 0);
            }
        });
        return new Server(new Uri($"http://127.0.0.1:{listener.Port}/"), listener);
    }

    private static async Task<Exception> BreakAsync(HttpClient client, Uri address, int version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address)
        {
            Version = new Version(version, version == 2 ? 0 : 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.SetRequestOptions(new ResilientRequestOptions { StreamResponse = true });
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var body = await response.Content.ReadAsStreamAsync();
        return await Assert.ThrowsAnyAsync<Exception>(() => body.CopyToAsync(Stream.Null));
    }

    private sealed record Server(Uri Address, IAsyncDisposable Running) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }

    private sealed class Full : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("full");
    }
}
