using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>An answer is a stream because the caller asked for one, and never because the server says so.</summary>
[Collection(nameof(RealTime))]
public class StreamingTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private static HttpApp App() => new(
        o => o.Timeout.Read = Short,
        more: services =>
        {
            services.AddResilience().AddPipeline("catalog", o => (o.Timeout.Read, o.Retry.MaxAttempts) = (Short, 1));
            services.AddHttpClient("catalog").AddResilience();
        });

    private static ScriptedServer Stalling(string type) =>
        new(Reply.StallAfter("data: 1\n\n", $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: 1000\r\n\r\n"));

    public static TheoryData<string, string?, string?, bool> Table { get; } = new()
    {
        // the answer's type, the request's Accept, the type of its body, whether the answer is a stream
        { "text/event-stream", null, null, false },
        { "text/event-stream", "*/*", null, false },
        { "text/event-stream", "application/json", null, false },
        { "text/event-stream", "application/x-ndjson", null, false },
        { "text/event-stream", "text/event-stream", null, true },
        { "Text/Event-Stream; charset=utf-8", "application/json, text/event-stream;q=0.9", null, true },
        { "text/event-stream", "text/event-stream; charset=utf-8; q=0.001", null, true },
        { "text/event-stream", "text/*", null, false },
        { "text/event-stream", "application/json, text/event-stream;q=0", null, false },
        { "text/event-stream", "TEXT/EVENT-STREAM ; Q=0.000, */*", null, false },
        { "text/event-stream", "text/event-stream-of-ours", null, false },
        { "text/event-stream", "application/json; profile=text/event-stream", null, false },
        { "application/grpc", "application/json, application/grpc;q=0", null, false },
        { "application/x-ndjson", "application/x-ndjson", null, true },
        { "application/x-ndjson", null, null, false },
        { "application/json", "text/event-stream", null, false },
        { "application/grpc", null, "application/grpc", true },
        { "application/grpc+proto", null, "application/grpc+proto", true },
        { "application/grpc-web", "application/grpc-web", "application/json", true },
        { "application/grpc", null, "application/json", false },
        { "application/grpc", "text/event-stream", null, false },
        { "text/event-stream", null, "application/grpc", false },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Answer_is_a_stream_where_the_request_asked_for_its_type(string type, string? accept, string? sent, bool isStream)
    {
        await using var server = Stalling(type);
        await using var app = App();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (sent is not null)
        {
            request.Content = new ByteArrayContent([1]) { Headers = { ContentType = new MediaTypeHeaderValue(sent) } };
        }

        var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        var sending = http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (isStream)
        {
            using var response = await sending;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        else
        {
            Assert.Equal(TimeoutPhase.Read, (await Assert.ThrowsAsync<ApiTimeoutException>(() => sending)).Phase);
        }
    }

    [Fact]
    public async Task Value_is_never_streamed()
    {
        await using var server = Stalling("text/event-stream");
        await using var app = App();
        var options = new ResilientRequestOptions { StreamResponse = true, Headers = { ["Accept"] = "text/event-stream" } };
        Assert.Equal(TimeoutPhase.Read, (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetJsonAsync<string>(server.Address.AbsoluteUri, options: options))).Phase);
        Assert.Equal(1, app.Snapshot.Calls.TimedOut);
    }

    [Fact]
    public async Task Protocol_that_nobody_asked_to_switch_is_a_failure()
    {
        await using var server = new ScriptedServer(Reply.StallAfter("", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"));
        await using var app = App();
        var failure = await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal(HttpRequestError.InvalidResponse, failure.HttpRequestError);
    }

    [Fact]
    public async Task Protocol_that_the_request_asked_to_switch_is_the_callers()
    {
        await using var server = new ScriptedServer(Reply.StallAfter("", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"));
        await using var app = App();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address) { Headers = { { "Upgrade", "echo" }, { "Connection", "Upgrade" } } };
        using var response = await app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog").SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
    }
}
