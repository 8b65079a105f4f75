using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>Nothing about the body of an error hides its status.</summary>
public class ErrorBodyTests
{
    private static HttpApp App() => new(
        o =>
        {
            o.Retry.MaxAttempts = 2;
            (o.CircuitBreaker.Mode, o.CircuitBreaker.FailureThreshold) = (CircuitBreakerMode.Observe, 1000);
        },
        client => client.ConfigurePrimaryHttpMessageHandler(Handler));

    private static SocketsHttpHandler Handler() => new() { AutomaticDecompression = DecompressionMethods.All };

    private static HttpClient Plain(HttpApp app) => app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);

    public static TheoryData<string, string, string> Bodies { get; } = new()
    {
        { "text/plain; charset=utf-7", "", "+AOk-" },
        { "application/problem+json", "", "{\"title\":\"\\ud800\",\"detail\":\"d\"}" },
        { "application/problem+json", "", "{\"\\ud800\":1,\"detail\":\"d\"}" },
        { "text/plain", "gzip", "not gzip at all" },
        { "text/plain", "deflate", "not deflate at all" },
        { "text/plain", "br", "not brotli at all" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Body_that_cannot_be_read_leaves_a_503_a_503(string type, string encoding, string body)
    {
        (string, string)[] headers = encoding.Length == 0 ? [("Content-Type", type)] : [("Content-Type", type), ("Content-Encoding", encoding)];
        await using var server = new ScriptedServer(Reply.Bytes(503, Encoding.UTF8.GetBytes(body), headers), Reply.Ok());
        await using var app = App();

        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();

        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Body_that_a_plain_client_cannot_read_is_retried_by_its_status_and_fails_as_plain_in_the_end(string encoding)
    {
        await using var server = new ScriptedServer(Reply.Bytes(503, "not so"u8.ToArray(), ("Content-Encoding", encoding)));
        await using var app = App();
        using var bare = new HttpClient(Handler());

        var plain = await Record.ExceptionAsync(() => bare.GetAsync(server.Address));
        var seen = await Record.ExceptionAsync(() => Plain(app).GetAsync(server.Address));

        Assert.Equal((plain?.GetType(), plain?.Message), (seen?.GetType(), seen?.Message));
        Assert.Equal((1 + 2, 1), (server.Requests.Count, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Fact]
    public async Task Problem_details_keep_the_members_that_can_be_read()
    {
        await using var server = new ScriptedServer(Reply.Problem(400, "{\"\\udc00\":1,\"title\":\"\\ud800\",\"detail\":\"d\",\"type\":\"a\",\"type\":\"b\"}"));
        await using var app = App();

        var seen = await Assert.ThrowsAsync<InvalidRequestException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));

        Assert.Equivalent(new ApiProblem { Detail = "d", Type = "b" }, seen.Problem);
    }

    [Fact]
    public async Task Status_decides_whatever_the_body_is()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (reply, what) = (Reply.Ok(), "");
        await using var server = new ScriptedServer((_, _) => reply);
        await using var app = App();
        using var bare = new HttpClient(Handler());
        for (var i = 0; i < 250; i++)
        {
            (reply, var status, var isCut, what) = ErrorBodies.Next(random);
            what = $"seed {seed}, case {i}: {what}";
            await CheckResilientAsync(app, server, status, what);
            await CheckPlainAsync(app, bare, server, status, isCut, what);
        }
    }

    private static async Task CheckResilientAsync(HttpApp app, ScriptedServer server, int status, string what)
    {
        var (requests, failures) = (server.Requests.Count, app.Snapshot.CircuitBreaker.FailureCount);

        var seen = await Record.ExceptionAsync(() => app.Client.GetAsync(server.Address.AbsoluteUri));

        Assert.True(Expected(status) == seen?.GetType(), $"{what}: {seen}");
        Assert.True(seen!.InnerException is HttpStatusException && ((ApiCallException)seen).StatusCode == (HttpStatusCode)status, what);
        Assert.True(server.Requests.Count - requests == (IsTransient(status) ? 2 : 1), $"{what}: {server.Requests.Count - requests} attempts");
        Assert.True(app.Snapshot.CircuitBreaker.FailureCount == (IsFailure(status) ? failures + 1 : 0), $"{what}: circuit at {app.Snapshot.CircuitBreaker.FailureCount}");
        Assert.True(((HttpStatusException)seen.InnerException!).BodyExcerpt is null or { Length: <= 4096 }, what);
    }

    private static async Task CheckPlainAsync(HttpApp app, HttpClient bare, ScriptedServer server, int status, bool isCut, string what)
    {
        var expected = await SeenAsync(bare, server);
        var (requests, failures) = (server.Requests.Count, app.Snapshot.CircuitBreaker.FailureCount);

        var seen = await SeenAsync(Plain(app), server);

        // A body that breaks off under a status that is no failure is a failure of its own, as under 200.
        var breaks = !IsFailure(status) && expected.Failure is HttpRequestException;
        Assert.True(expected.Status == seen.Status, $"{what}: {seen}");
        Assert.True(expected.Failure is HttpRequestException ? seen.Failure is HttpRequestException : expected.Failure?.GetType() == seen.Failure?.GetType(), $"{what}: {seen} in place of {expected}");
        Assert.True(server.Requests.Count - requests == (IsTransient(status) || breaks ? 2 : 1), $"{what}: {server.Requests.Count - requests} attempts");
        Assert.True(app.Snapshot.CircuitBreaker.FailureCount == (IsFailure(status) || breaks ? failures + 1 : 0), $"{what}: circuit at {app.Snapshot.CircuitBreaker.FailureCount}");
        Assert.True(isCut || !breaks, what);
    }

    private static async Task<(HttpStatusCode? Status, Exception? Failure)> SeenAsync(HttpClient client, ScriptedServer server)
    {
        try
        {
            using var response = await client.GetAsync(server.Address);
            return (response.StatusCode, null);
        }
        catch (Exception failure)
        {
            return (null, failure);
        }
    }

    private static bool IsTransient(int status) => status is 408 or 429 or 502 or 503 or 504;

    private static bool IsFailure(int status) => IsTransient(status) || status >= 500;

    private static Type Expected(int status) => status switch
    {
        400 => typeof(InvalidRequestException),
        404 => typeof(NotFoundException),
        409 => typeof(ApiConflictException),
        _ => IsTransient(status) ? typeof(ApiUnavailableException) : typeof(ApiServerErrorException),
    };
}
