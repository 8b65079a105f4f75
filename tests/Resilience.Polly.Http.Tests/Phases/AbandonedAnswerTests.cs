using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>A caller may drop a streamed answer without disposing it. It is collected then, and the server sees it end, as with a plain HttpClient.</summary>
[Collection(nameof(RealTime))]
public class AbandonedAnswerTests
{
    private const int Answers = 60;

    // Longer than a test lasts: what is kept for as long as a limit runs is kept.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    public enum Client
    {
        Plain,
        Phases,
        Pipeline,
    }

    [Theory]
    [InlineData(Client.Plain, 1)]
    [InlineData(Client.Plain, 2)]
    [InlineData(Client.Phases, 1)]
    [InlineData(Client.Phases, 2)]
    [InlineData(Client.Pipeline, 1)]
    [InlineData(Client.Pipeline, 2)]
    public async Task Answers_that_are_dropped_end_for_the_server(Client kind, int version)
    {
        var (begun, open) = (0, 0);
        await using var server = await WebServer.StartAsync(
            async context =>
            {
                Interlocked.Increment(ref begun);
                Interlocked.Increment(ref open);
                await context.Response.WriteAsync("some");
                await context.Response.Body.FlushAsync();
                await WebServer.HangAsync(context);
                Interlocked.Decrement(ref open);
            },
            version);
        await using var app = new HttpApp(o => o.Timeout.Read = Long, HttpApp.Speaking(version));
        var http = kind switch
        {
            Client.Plain => new HttpClient(new SocketsHttpHandler()),
            Client.Phases => new HttpClient(new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions { Read = Long })) { Timeout = Timeout.InfiniteTimeSpan },
            _ => app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name),
        };

        await DropAsync(http, server.Address, version);
        Assert.Equal(Answers, Volatile.Read(ref begun));
        for (var left = 200; left > 0 && Volatile.Read(ref open) > 0; left--)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(50);
        }

        Assert.Equal(0, Volatile.Read(ref open));

        // The client lives, and so did the tokens that it gave to its requests.
        using var last = await http.SendAsync(Request(server.Address, version), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((byte)'s', (await last.Content.ReadAsStreamAsync()).ReadByte());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DropAsync(HttpClient http, Uri address, int version)
    {
        for (var answer = 0; answer < Answers; answer++)
        {
            var response = await http.SendAsync(Request(address, version), HttpCompletionOption.ResponseHeadersRead);
            var body = await response.Content.ReadAsStreamAsync();
            Assert.Equal(4, await body.ReadAtLeastAsync(new byte[4], 4));
        }
    }

    private static HttpRequestMessage Request(Uri address, int version)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address)
        {
            Version = new Version(version, version == 2 ? 0 : 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.SetRequestOptions(new ResilientRequestOptions { StreamResponse = true });
        return request;
    }
}
