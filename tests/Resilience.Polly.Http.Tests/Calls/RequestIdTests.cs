using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

public class RequestIdTests
{
    private static HttpApp Retrying(Action<PipelineOptions>? more = null, Action<IHttpClientBuilder>? client = null) => new(
        o =>
        {
            o.Retry.MaxAttempts = 3;
            more?.Invoke(o);
        },
        client);

    [Fact]
    public async Task Id_is_made_once_per_call_and_is_the_same_on_all_its_attempts()
    {
        await using var server = new ScriptedServer(Reply.Status(503), Reply.Status(503), Reply.Ok());
        await using var app = Retrying();
        (await app.Client.PutAsync(server.Address.AbsoluteUri, null)).Dispose();
        var id = Assert.Single(server.Requests.Select(request => request.Header("X-Request-ID")).Distinct())!;
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(7, Guid.Parse(id).Version);
        Assert.All(server.Requests, request => Assert.Equal($"\"{id}\"", request.Header("Idempotency-Key")));
    }

    [Theory]
    [InlineData("GET", false)]
    [InlineData("HEAD", false)]
    [InlineData("OPTIONS", false)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    [InlineData("POST", true)]
    [InlineData("PATCH", true)]
    public async Task Key_is_made_for_methods_that_change_something(string method, bool hasKey)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying();
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);
        (await app.Client.SendAsync(request)).Dispose();

        Assert.NotNull(server.Only.Header("X-Request-ID"));
        Assert.Equal(hasKey, server.Only.Header("Idempotency-Key") is not null);
    }

    [Fact]
    public async Task Key_that_the_caller_gives_is_sent_with_a_GET_too()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying();
        (await app.Client.GetAsync(server.Address.AbsoluteUri, requestId: "mine")).Dispose();

        Assert.Equal(("mine", "\"mine\""), (server.Only.Header("X-Request-ID"), server.Only.Header("Idempotency-Key")));
    }

    [Fact]
    public async Task Id_is_a_new_one_for_each_call()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying();
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        Assert.Equal(2, server.Requests.Select(request => request.Header("X-Request-ID")).Distinct().Count());
    }

    [Theory]
    [InlineData("order-4711", "\"order-4711\"")]
    [InlineData("with \"quotes\" and \\", "\"with \\\"quotes\\\" and \\\\\"")]
    public async Task Id_that_the_caller_gives_is_sent_and_is_on_the_exception(string id, string key)
    {
        await using var server = new ScriptedServer(Reply.Status(503));
        await using var app = Retrying();
        var failed = await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.PostAsync(server.Address.AbsoluteUri, null, id));
        Assert.Equal((id, 3), (failed.RequestId, failed.Attempts));
        Assert.Equal(3, server.Requests.Count);
        Assert.All(server.Requests, request => Assert.Equal((id, key), (request.Header("X-Request-ID"), request.Header("Idempotency-Key"))));
    }

    [Fact]
    public async Task Id_set_on_the_message_is_the_one_of_the_call()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address).SetRequestId("mine");
        (await app.Client.SendAsync(request, options: new() { Priority = CallPriority.Critical })).Dispose();
        Assert.Equal("mine", server.Only.Header("X-Request-ID"));
    }

    [Fact]
    public async Task Id_is_made_and_sent_for_an_ordinary_HttpClient_too()
    {
        await using var server = new ScriptedServer(Reply.Status(503), Reply.Ok());
        await using var app = new HttpApp(more: services =>
        {
            services.AddResilience().AddPipeline("catalog", o => o.Retry.MinWait = TimeSpan.Zero);
            services.AddHttpClient("catalog").AddResilience();
        });
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        (await client.GetAsync(server.Address)).Dispose();
        Assert.NotNull(Assert.Single(server.Requests.Select(request => request.Header("X-Request-ID")).Distinct()));
    }

    [Fact]
    public async Task Key_that_a_header_brings_is_sent_as_it_is_and_names_the_call()
    {
        await using var server = new ScriptedServer(Reply.Status(503));
        await using var app = Retrying();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address) { Headers = { { "Idempotency-Key", "\"by hand\"" } } };
        var failed = await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.SendAsync(request));
        Assert.Equal("by hand", failed.RequestId);
        Assert.All(server.Requests, seen => Assert.Equal(("\"by hand\"", "by hand"), (seen.Header("Idempotency-Key"), seen.Header("X-Request-ID"))));
    }

    [Fact]
    public async Task Header_of_a_correlation_middleware_is_kept_and_is_no_key()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address) { Headers = { { "X-Request-ID", "correlation" } } };
        (await app.Client.SendAsync(request)).Dispose();
        Assert.Equal("correlation", server.Only.Header("X-Request-ID"));
        Assert.DoesNotContain("correlation", server.Only.Header("Idempotency-Key"));
    }

    [Fact]
    public async Task Names_of_the_headers_can_be_set()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = Retrying(o => (o.Idempotency.RequestIdHeader, o.Idempotency.KeyHeader) = ("X-Correlation", "X-Idempotency"));
        (await app.Client.GetAsync(server.Address.AbsoluteUri, "id")).Dispose();
        Assert.Equal(("id", "\"id\""), (server.Only.Header("X-Correlation"), server.Only.Header("X-Idempotency")));
        Assert.Null(server.Only.Header("X-Request-ID") ?? server.Only.Header("Idempotency-Key"));
    }

    [Fact]
    public async Task Handlers_below_see_each_attempt_with_the_id_of_the_call_and_its_options()
    {
        await using var server = new ScriptedServer(Reply.Status(503), Reply.Ok());
        var seen = new List<(HttpRequestMessage Message, string Id, CallPriority? Priority)>();
        await using var app = Retrying(client: client => client.AddHttpMessageHandler(() => new Spy(message => seen.Add(
            (message, message.Headers.GetValues("X-Request-ID").Single(), message.GetRequestOptions()?.Priority)))));
        (await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { Priority = CallPriority.Sheddable })).Dispose();
        Assert.Equal(2, seen.Count);
        Assert.NotSame(seen[0].Message, seen[1].Message);
        Assert.Equal(seen[0].Id, seen[1].Id);
        Assert.All(seen, attempt => Assert.Equal(CallPriority.Sheddable, attempt.Priority));
    }

    private sealed class Spy(Action<HttpRequestMessage> see) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            see(request);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
