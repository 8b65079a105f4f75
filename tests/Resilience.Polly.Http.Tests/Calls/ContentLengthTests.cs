using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Resilience.Polly.Http.Tests.Phases;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>The length of a body is known to the caller, and to the server, exactly as with a plain HttpClient.</summary>
public class ContentLengthTests
{
    private const long Huge = 3_000_000_000;

    public static TheoryData<string, string> Answers => new()
    {
        { "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
        { "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
        { "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello" },
        { "GET", "HTTP/1.1 204 No Content\r\n\r\n" },
        { "GET", "HTTP/1.1 304 Not Modified\r\n\r\n" },
        { "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5000\r\n\r\n" },
        { "GET", "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n" },
        { "HEAD", "HTTP/1.1 200 OK\r\n\r\n" },
        { "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
        { "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" },
        { "HEAD", $"HTTP/1.1 200 OK\r\nContent-Length: {Huge}\r\n\r\n" },
        { "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "DELETE", "HTTP/1.1 204 No Content\r\n\r\n" },
    };

    public static TheoryData<string> Bodies => [.. Contents.Keys];

    private static Dictionary<string, Func<HttpContent>> Contents { get; } = new()
    {
        ["text"] = () => new StringContent("hello"),
        ["nothing"] = () => new ByteArrayContent([]),
        ["memory"] = () => new ReadOnlyMemoryContent(new byte[10]),
        ["form"] = () => new FormUrlEncodedContent([new("a", "b")]),
        ["JSON"] = () => JsonContent.Create(new { Name = "value" }),
        ["buffered JSON"] = () => { var json = JsonContent.Create(1); json.LoadIntoBufferAsync().Wait(); return json; },
        ["parts"] = () => new MultipartContent("mixed", "edge") { new StringContent("one"), new StringContent("two") },
        ["stream that can seek"] = () => new StreamContent(new MemoryStream(new byte[10])),
        ["stream that cannot seek"] = () => new StreamContent(new Forward()),
        ["length set by hand"] = () => new StreamContent(new Forward()) { Headers = { ContentLength = 5 } },
        ["unknown content, length known"] = () => new Own(5),
        ["unknown content, length unknown"] = () => new Own(null),
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Answer_has_the_length_that_a_plain_client_gives_it(string method, string answer)
    {
        await using var server = new RawServer((_, write, _) => write(answer));
        await using var app = new HttpApp();
        using var plain = new HttpClient();
        using var phases = new HttpClient(new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions()));
        using var pipeline = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        foreach (var completion in Enum.GetValues<HttpCompletionOption>())
        {
            foreach (var streamed in new[] { false, true })
            {
                var expected = await LengthAsync(plain, server.Address, method, completion, streamed);
                Assert.Equal((completion, expected), (completion, await LengthAsync(phases, server.Address, method, completion, streamed)));

                // A pipeline reads the body into memory unless it is to be streamed, and knows its length then.
                if (completion == HttpCompletionOption.ResponseContentRead || streamed)
                {
                    Assert.Equal((completion, expected), (completion, await LengthAsync(pipeline, server.Address, method, completion, streamed)));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Request_has_the_length_that_a_plain_client_gives_it(string body)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp();
        using var plain = new HttpClient();
        using var pipeline = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        foreach (var chunked in new bool?[] { null, true, false })
        {
            var (expected, seen) = (await SeenAsync(plain, server, body, chunked), await SeenAsync(pipeline, server, body, chunked));
            Assert.Equal(expected, seen);
        }
    }

    [Fact]
    public async Task Head_of_a_huge_file_is_answered()
    {
        await using var server = new RawServer((_, write, _) => write($"HTTP/1.1 200 OK\r\nContent-Length: {Huge}\r\n\r\n"));
        await using var app = new HttpApp();
        using var request = new HttpRequestMessage(HttpMethod.Head, server.Address);
        using var response = await app.Client.SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, Huge), (response.StatusCode, response.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Get_of_a_huge_file_is_a_stream_although_nobody_asked_for_one()
    {
        await using var server = new RawServer(async (_, write, stop) =>
        {
            await write($"HTTP/1.1 200 OK\r\nContent-Length: {Huge}\r\n\r\nbegin");
            await Task.Delay(Timeout.Infinite, stop);
        });
        await using var app = new HttpApp();
        using var pipeline = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        using var response = await pipeline.GetAsync(server.Address, HttpCompletionOption.ResponseHeadersRead);
        var (body, begin) = (await response.Content.ReadAsStreamAsync(), new byte[5]);
        await body.ReadExactlyAsync(begin);
        Assert.Equal(("begin", Huge), (Encoding.ASCII.GetString(begin), response.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Get_of_a_huge_file_that_is_to_be_buffered_fails_as_with_a_plain_client()
    {
        await using var server = new RawServer(async (_, write, stop) =>
        {
            await write($"HTTP/1.1 200 OK\r\nContent-Length: {Huge}\r\n\r\nbegin");
            await Task.Delay(Timeout.Infinite, stop);
        });
        await using var app = new HttpApp();
        using var plain = new HttpClient();
        using var pipeline = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        var expected = await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(server.Address));
        var seen = await Assert.ThrowsAsync<HttpRequestException>(() => pipeline.GetAsync(server.Address));
        Assert.Equal((expected.HttpRequestError, expected.Message), (seen.HttpRequestError, seen.Message));
    }

    private static async Task<string> LengthAsync(HttpClient client, Uri address, string method, HttpCompletionOption completion, bool streamed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        request.SetRequestOptions(new ResilientRequestOptions { StreamResponse = streamed });
        using var response = await client.SendAsync(request, completion);
        var atOnce = response.Content.Headers.ContentLength;
        if (atOnce > int.MaxValue)
        {
            return $"{atOnce}";
        }

        var text = await response.Content.ReadAsStringAsync();
        return $"{atOnce?.ToString() ?? "unknown"}, read {response.Content.Headers.ContentLength?.ToString() ?? "unknown"}: {text}";
    }

    private static async Task<string> SeenAsync(HttpClient client, ScriptedServer server, string body, bool? chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, server.Address) { Content = Contents[body]() };
        request.Headers.TransferEncodingChunked = chunked;
        try
        {
            (await client.SendAsync(request)).Dispose();
            var seen = server.Requests.Last();
            return $"{seen.Header("Content-Length")}, {seen.Header("Transfer-Encoding")}, {seen.Header("Content-Type")}: {seen.Text}";
        }
        catch (HttpRequestException refused)
        {
            return refused.Message;
        }
    }

    private sealed class Forward : MemoryStream
    {
        public Forward()
            : base("hello"u8.ToArray())
        {
        }

        public override bool CanSeek => false;
    }

    private sealed class Own(long? known) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync("hello"u8.ToArray()).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = known ?? 0;
            return known is not null;
        }
    }
}
