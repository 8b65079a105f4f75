using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>Bodies: sent again, sent once, read inside the attempt, streamed.</summary>
public class BodyTests
{
    private static HttpApp Retrying(Action<PipelineOptions>? more = null) => new(o =>
    {
        o.Retry.MaxAttempts = 2;
        o.Timeout.Read = TimeSpan.FromSeconds(2);
        more?.Invoke(o);
    });

    public static TheoryData<string> Repeatable => ["string", "form", "bytes", "memory", "json", "file", "multipart"];

    private static HttpContent Content(string kind) => kind switch
    {
        "string" => new StringContent("body"),
        "form" => new FormUrlEncodedContent([new("name", "body")]),
        "bytes" => new ByteArrayContent("body"u8.ToArray()),
        "memory" => new ReadOnlyMemoryContent("body"u8.ToArray()),
        "json" => JsonContent.Create(new { name = "body" }),
        "file" => new StreamContent(new MemoryStream("body"u8.ToArray())),
        _ => new MultipartFormDataContent { { new StringContent("body"), "name" }, { new StreamContent(new MemoryStream("body"u8.ToArray())), "file", "a.txt" } },
    };

    [Theory]
    [MemberData(nameof(Repeatable))]
    public async Task Body_that_can_be_repeated_is_the_same_on_each_attempt(string kind)
    {
        await using var server = new ScriptedServer(Reply.Status(503), Reply.Ok());
        await using var app = Retrying();
        using var content = Content(kind);
        (await app.Client.PutAsync(server.Address.AbsoluteUri, content)).Dispose();
        Assert.Equal(2, server.Requests.Count);
        Assert.Contains("body", server.Requests.First().Text);
        Assert.Single(server.Requests.Select(request => request.Text).Distinct());
        Assert.Single(server.Requests.Select(request => request.Header("Content-Type")).Distinct());
    }

    [Fact]
    public async Task Body_that_can_be_read_once_is_sent_once_and_the_real_failure_is_told()
    {
        await using var server = new ScriptedServer(Reply.Status(503));
        await using var app = Retrying(o => o.Idempotency.MaxRequestBufferSize = 0);
        var unavailable = await Assert.ThrowsAsync<ApiUnavailableException>(
            () => app.Client.PutAsync(server.Address.AbsoluteUri, new StreamContent(new NetworkLike("body"))));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 1), (unavailable.StatusCode, unavailable.Attempts));
        Assert.Equal("body", server.Only.Text);
    }

    [Fact]
    public async Task Body_that_was_sent_before_is_refused_before_anything_is_sent()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying(o => o.Idempotency.MaxRequestBufferSize = 0);
        using var content = new StreamContent(new NetworkLike("body"));
        (await app.Client.PutAsync(server.Address.AbsoluteUri, content)).Dispose();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, content));
        Assert.Contains("was sent before and cannot be read twice", refused.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Body_that_was_disposed_is_refused_before_anything_is_sent()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying();
        var content = new StreamContent(new MemoryStream([1]));
        content.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, content));
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Body_whose_source_fails_ends_the_call_with_that_failure(int version)
    {
        await using var server = await WebServer.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null), version);
        await using var app = new HttpApp(o => o.Retry.MaxAttempts = 3, HttpApp.Speaking(version));
        var failing = new Failing();
        var failure = await Assert.ThrowsAsync<FileLoadException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, failing, "id"));
        Assert.Equal("the disk is gone", failure.Message);
        Assert.Equal(1, failing.Reads);
    }

    [Fact]
    public async Task Answer_that_breaks_off_is_asked_for_again()
    {
        await using var server = new ScriptedServer(Reply.ResetMidBody, Reply.Ok("whole"));
        await using var app = Retrying();
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri);
        Assert.Equal("whole", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Answer_that_is_streamed_comes_with_its_head_and_fails_as_IOException_around_ApiTimeoutException()
    {
        await using var server = new ScriptedServer(Reply.StallAfter("some"));
        await using var app = Retrying(o => o.Timeout.Read = TimeSpan.FromMilliseconds(200));
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, "id", new() { StreamResponse = true });
        var body = await response.Content.ReadAsStreamAsync();
        Assert.Equal(4, await body.ReadAtLeastAsync(new byte[4], 4));
        var broken = await Assert.ThrowsAsync<IOException>(() => body.ReadAsync(new byte[1]).AsTask());
        var timeout = Assert.IsType<ApiTimeoutException>(broken.InnerException);
        Assert.Equal((TimeoutPhase.Read, "payments", "id", 1), (timeout.Phase, timeout.PipelineName, timeout.RequestId, timeout.Attempts));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Answer_that_is_streamed_can_be_read_without_async()
    {
        await using var server = new ScriptedServer(Reply.StallAfter("some"));
        await using var app = Retrying(o => o.Timeout.Read = TimeSpan.FromMilliseconds(200));
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
        using var reader = new StreamReader(response.Content.ReadAsStream());
        Assert.Equal("some", string.Concat(Enumerable.Range(0, 4).Select(_ => (char)reader.Read())));
        Assert.IsType<ApiTimeoutException>(Assert.Throws<IOException>(() => reader.Read()).InnerException);
    }

    [Fact]
    public async Task Server_sent_events_are_streamed_where_the_request_accepts_them()
    {
        await using var server = new ScriptedServer(Reply.StallAfter("data: 1\n\n", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000\r\n\r\n"));
        await using var app = Retrying();
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { Headers = { ["Accept"] = "text/event-stream" } });
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("data: 1", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Client_that_reads_for_itself_gets_the_head_at_once()
    {
        await using var server = new ScriptedServer(Reply.StallAfter("some"));
        await using var app = new HttpApp(more: services =>
        {
            services.AddResilience().AddPipeline("files");
            services.AddHttpClient("files").AddResilience(streamResponses: true);
        });
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("files");
        using var response = await client.GetAsync(server.Address, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Connection_is_used_again_after_an_answer_without_a_body()
    {
        await using var server = new ScriptedServer(Reply.Ok(""), Reply.Status(204), Reply.Ok("x"));
        await using var app = Retrying();
        for (var i = 0; i < 3; i++)
        {
            (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        }

        Assert.Equal(1, server.Connections);
    }

    private sealed class NetworkLike(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override bool CanSeek => false;
    }

    private sealed class Failing : HttpContent
    {
        public int Reads { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Reads++;
            await stream.WriteAsync("some"u8.ToArray());
            throw new FileLoadException("the disk is gone");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
