using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>A body of an unknown type is sent again from what its first attempt wrote.</summary>
[Collection(nameof(RealTime))] // so much work at once would show in what a test beside it allocates
public class KeptBodyTests
{
    private static HttpApp Retrying(int bound = 64 * 1024) => new(o =>
    {
        o.Retry.MaxAttempts = 2;
        o.Idempotency.MaxRequestBufferSize = bound;
    });

    [Theory]
    [InlineData(64 * 1024, 2)]
    [InlineData((64 * 1024) + 1, 1)]
    public async Task Body_up_to_64_KB_is_sent_again(int length, int attempts)
    {
        await using var server = new ScriptedServer(Reply.Status(503));
        await using var app = Retrying();
        var failed = await Assert.ThrowsAsync<ApiUnavailableException>(
            () => app.Client.PutAsync(server.Address.AbsoluteUri, new Unknown(new byte[length], [length], tellsLength: false)));
        Assert.Equal((attempts, attempts), (failed.Attempts, server.Requests.Count));
        Assert.All(server.Requests, request => Assert.Equal(length, request.Body.Length));
    }

    [Fact]
    public async Task Body_is_the_same_on_each_attempt_or_sent_once()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 120; round++)
        {
            var bytes = new byte[random.Next(0, 300)];
            random.NextBytes(bytes);
            var (bound, tells, reset, post) = (random.Next(0, 300), random.Next(2) == 0, random.Next(3) == 0, random.Next(2) == 0);
            var body = new Unknown(bytes, Slices(random, bytes.Length), tells, random.Next(2) == 0, random.Next(2) == 0);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/x-sdk");
            body.Headers.TryAddWithoutValidation("X-Part", "1");
            var shown = $"seed {seed}, round {round}: {bytes.Length} bytes, bound {bound}, tells its length: {tells}, reset: {reset}";

            await using var server = new ScriptedServer(reset ? Reply.Reset : Reply.Status(503), Reply.Ok());
            await using var app = Retrying(bound);
            var seen = await Record.ExceptionAsync(async () =>
                (await (post ? app.Client.PostAsync(server.Address.AbsoluteUri, body, "id") : app.Client.PutAsync(server.Address.AbsoluteUri, body))).Dispose());
            var isKept = bound > 0 && bytes.Length <= bound;
            Assert.True(seen is null == isKept, $"{shown} gives {seen}");
            Assert.True(server.Requests.Count == (isKept ? 2 : 1), $"{shown} was sent {server.Requests.Count} times");
            Assert.True(server.Requests.All(request => request.Body.AsSpan().SequenceEqual(bytes)), $"{shown}: other bytes came");
            Assert.True(body.Writes == 1, $"{shown} was written {body.Writes} times");
            Assert.True(server.Requests.Select(Head).Distinct().Count() == 1, $"{shown}: heads differ: {string.Join(" / ", server.Requests.Select(Head))}");
        }
    }

    [Fact]
    public async Task Stream_that_was_kept_can_be_sent_by_a_second_call()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying();
        var body = new StreamContent(new NetworkLike("body"));
        (await app.Client.PutAsync(server.Address.AbsoluteUri, body)).Dispose();
        (await app.Client.PutAsync(server.Address.AbsoluteUri, body)).Dispose();
        Assert.Equal(["body", "body"], server.Requests.Select(request => request.Text));
    }

    [Fact]
    public async Task Stream_that_was_larger_is_refused_in_a_second_call()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying(bound: 3);
        var body = new StreamContent(new NetworkLike("body"));
        (await app.Client.PutAsync(server.Address.AbsoluteUri, body)).Dispose();
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, body));
        Assert.Single(server.Requests);
    }

    // An outer handler that retries, or a loop of the application, sends one content several times. What is in it may have changed.
    [Theory]
    [InlineData(0, "application/x-sdk", false)]
    [InlineData(3, "application/x-sdk", false)]
    [InlineData(64, "application/x-sdk", false)]
    [InlineData(64, "application/x-sdk", true)]
    [InlineData(64, "application/grpc", false)]
    public async Task Each_call_sends_what_its_content_writes_then_as_with_a_plain_client(int bound, string type, bool isMultipart)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying(bound);
        using var plain = new HttpClient();
        var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        foreach (var client in new[] { plain, http })
        {
            var current = new Unknown("first"u8.ToArray(), [5], tellsLength: false) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
            using HttpContent body = isMultipart ? new MultipartContent("mixed", "b") { current } : current;
            (await client.PutAsync(server.Address, body)).Dispose();
            current.Change("second"u8.ToArray());
            (await client.PutAsync(server.Address, body)).Dispose();
        }

        var bodies = server.Requests.Select(request => request.Text).ToArray();
        Assert.Contains("second", bodies[1], StringComparison.Ordinal);
        Assert.Equal(bodies[..2], bodies[2..]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public async Task Calls_at_once_may_share_a_content_as_with_a_plain_client(int bound)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying(bound);
        using var body = new Unknown("body"u8.ToArray(), [2, 2], tellsLength: true, flushes: true);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.Client.PutAsync(server.Address.AbsoluteUri, body)));
        Array.ForEach(answers, answer => answer.Dispose());
        Assert.Equal(Enumerable.Repeat("body", 20), server.Requests.Select(request => request.Text));
    }

    [Fact]
    public async Task Body_of_gRPC_is_sent_once()
    {
        await using var server = new ScriptedServer(Reply.Status(503));
        await using var app = Retrying();
        var body = new Unknown("body"u8.ToArray(), [4], tellsLength: false) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
        await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.PostAsync(server.Address.AbsoluteUri, body, "id"));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Body_that_is_still_being_written_reaches_the_service_meanwhile()
    {
        // One that waits for the service to take a part before it writes the next must not wait for ever.
        var first = new TaskCompletionSource();
        await using var server = await WebServer.StartAsync(
            async context =>
            {
                var buffer = new byte[5];
                await context.Request.Body.ReadExactlyAsync(buffer);
                first.SetResult();
                await context.Request.Body.CopyToAsync(Stream.Null);
            },
            2);
        await using var app = new HttpApp(client: HttpApp.Speaking(2));
        var body = new Waiting(first.Task);
        (await app.Client.PutAsync(server.Address.AbsoluteUri, body).WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
    }

    [Fact]
    public async Task Body_that_was_kept_follows_a_redirect()
    {
        await using var server = new ScriptedServer((request, _) => request.Path == "/" ? Reply.Redirect(307, "/there") : Reply.Ok());
        await using var app = Retrying();
        (await app.Client.PutAsync(server.Address.AbsoluteUri, new Unknown("body"u8.ToArray(), [4], tellsLength: true))).Dispose();
        Assert.Equal([("/", "body"), ("/there", "body")], server.Requests.Select(request => (request.Path, request.Text)));
    }

    private static string Head(SeenRequest request) => string.Join('|', request.Headers.Select(header => $"{header.Name}: {header.Value}").Order());

    private static int[] Slices(Random random, int length)
    {
        var slices = new List<int>();
        for (var left = length; left > 0; left -= slices[^1])
        {
            slices.Add(random.Next(1, left + 1));
        }

        return [.. slices];
    }

    /// <summary>As the adapters of SDKs are: a content of a type that nobody knows.</summary>
    private sealed class Unknown(byte[] bytes, int[] slices, bool tellsLength, bool isSynchronous = false, bool flushes = false) : HttpContent
    {
        public int Writes { get; private set; }

        public void Change(byte[] to) => (bytes, slices) = (to, [to.Length]);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Writes++;
            var from = 0;
            foreach (var slice in slices)
            {
                if (isSynchronous)
                {
#pragma warning disable CA1849 // some SDKs do
                    stream.Write(bytes, from, slice);
#pragma warning restore CA1849
                }
                else
                {
                    await stream.WriteAsync(bytes.AsMemory(from, slice));
                }

                from += slice;
                if (flushes)
                {
                    await stream.FlushAsync();
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return tellsLength;
        }
    }

    private sealed class NetworkLike(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override bool CanSeek => false;
    }

    private sealed class Waiting(Task gate) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes("first"));
            await stream.FlushAsync();
            await gate;
            await stream.WriteAsync(Encoding.ASCII.GetBytes("second"));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
