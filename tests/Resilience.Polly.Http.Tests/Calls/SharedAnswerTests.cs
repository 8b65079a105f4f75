using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>A double in a test gives one answer again and again, and it survives.</summary>
public class SharedAnswerTests
{
    public static TheoryData<string> Contents => ["bare", "empty string", "string", "bytes", "memory", "json"];

    private static HttpResponseMessage Answer(HttpStatusCode status, string kind)
    {
        var answer = new HttpResponseMessage(status) { Headers = { { "X-Answer", "mine" } }, ReasonPhrase = "Because" };
        answer.Content = kind switch
        {
            "empty string" => new StringContent(""),
            "string" => new StringContent("body"),
            "bytes" => new ByteArrayContent("body"u8.ToArray()),
            "memory" => new ReadOnlyMemoryContent("body"u8.ToArray()),
            "json" => JsonContent.Create("body"),
            _ => answer.Content,
        };
        return answer;
    }

    private static HttpApp App(HttpResponseMessage answer) => new(
        o => o.Retry.MaxAttempts = 3,
        client => client.ConfigurePrimaryHttpMessageHandler(() => new Double(answer)),
        services =>
        {
            services.AddResilience().AddPipeline("catalog", o => o.Retry.MinWait = TimeSpan.Zero);
            services.AddHttpClient("catalog").AddResilience().ConfigurePrimaryHttpMessageHandler(() => new Double(answer));
        });

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Answer_that_is_shared_is_given_to_each_attempt_and_each_call(string kind)
    {
        using var answer = Answer(HttpStatusCode.ServiceUnavailable, kind);
        await using var app = App(answer);
        var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(3, (await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.GetAsync("http://double/"))).Attempts);
            using var seen = await http.GetAsync("http://double/");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "Because", "mine"), (seen.StatusCode, seen.ReasonPhrase, seen.Headers.GetValues("X-Answer").Single()));
            Assert.Equal(answer.Content.Headers.ContentType, seen.Content.Headers.ContentType);
            Assert.Contains(kind is "bare" or "empty string" ? "" : "body", await seen.Content.ReadAsStringAsync());
        }

        Assert.Null(answer.RequestMessage);
        Assert.Contains(kind is "bare" or "empty string" ? "" : "body", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Answer_that_holds_something_is_the_callers_to_dispose_of()
    {
        var stream = new Tracked();
        using var answer = new HttpResponseMessage { Content = new StreamContent(stream) };
        await using var app = App(answer);
        (await app.Client.GetAsync("http://double/", options: new() { StreamResponse = true })).Dispose();
        Assert.True(stream.IsDisposed);
    }

    private sealed class Double(HttpResponseMessage answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer);
    }

    private sealed class Tracked : MemoryStream
    {
        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
