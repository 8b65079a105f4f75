using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>An answer that is disposed, or a read that is cancelled, while somebody reads harms nobody else: clocks are used again.</summary>
[Collection(nameof(RealTime))]
public class DisposeRaceTests
{
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(60);

    public static TheoryData<int> Versions => new() { 1, 2 };

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Disposing_and_cancelling_under_a_read_ends_that_read_and_no_other(int version)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var server = await WebServer.StartAsync(
            async context =>
            {
                for (var piece = 0; piece < 10; piece++)
                {
                    await context.Response.WriteAsync("piece");
                    await context.Response.Body.FlushAsync();
                    await Task.Yield();
                }

                if (context.Request.Path == "/endless")
                {
                    await WebServer.HangAsync(context);
                }
            },
            version,
            streams: 1000);
        await using var app = new HttpApp(client: HttpApp.Speaking(version));
        using var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        var (wrong, left) = (new ConcurrentBag<string>(), 1500);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                if (worker % 3 == 0)
                {
                    // A healthy call beside: nothing that others do may end it.
                    using var whole = await StreamAsync(http, new Uri(server.Address, "whole"), version);
                    var text = await whole.Content.ReadAsStringAsync();
                    if (text.Length != 50)
                    {
                        wrong.Add($"read {text.Length} characters");
                    }

                    continue;
                }

                if (await RaceAsync(http, new Uri(server.Address, "endless"), version, random) is { } failure
                    && failure is not (OperationCanceledException or IOException or ObjectDisposedException or NullReferenceException or InvalidOperationException))
                {
                    wrong.Add(failure.ToString());
                }
            }
        }))).WaitAsync(Hangs);
        Assert.True(wrong.IsEmpty, $"seed {seed}: {string.Join("\n", wrong.Take(3))}");
    }

    private static async Task<Exception?> RaceAsync(HttpClient http, Uri address, int version, Random random)
    {
        using var response = await StreamAsync(http, address, version);
        using var cancellation = new CancellationTokenSource();
        var body = await response.Content.ReadAsStreamAsync();
        var reading = Task.Run(async () =>
        {
            var buffer = new byte[16];
            while (await body.ReadAsync(buffer, cancellation.Token) > 0)
            {
            }
        });
        for (var spin = random.Next(20); spin > 0; spin--)
        {
            await Task.Yield();
        }

        // Over HTTP/1.1 a read under which the stream is disposed may go on beside the draining of the connection, as it does with HttpClient.
        if (version == 2 && random.Next(2) == 0)
        {
            body.Dispose();
        }
        else
        {
            await cancellation.CancelAsync();
        }

        return await Record.ExceptionAsync(() => reading);
    }

    private static Task<HttpResponseMessage> StreamAsync(HttpClient http, Uri address, int version)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address)
        {
            Version = new Version(version, version == 2 ? 0 : 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.SetRequestOptions(new ResilientRequestOptions { StreamResponse = true });
        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
