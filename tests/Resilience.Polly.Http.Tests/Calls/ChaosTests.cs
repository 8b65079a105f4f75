using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>What chaos injects into HTTP calls is handled as what it stands for.</summary>
public class ChaosTests
{
    private static HttpApp App(Action<ChaosOptions> chaos, int attempts = 2, Action<PipelineOptions>? more = null, Action<IServiceCollection>? services = null) => new(
        o =>
        {
            o.Retry.MaxAttempts = attempts;
            (o.Chaos.Enabled, o.Chaos.AllowInProduction) = (true, true);
            chaos(o.Chaos);
            more?.Invoke(o);
        },
        more: services);

    [Theory]
    [InlineData("GET", null, 2)]
    [InlineData("PUT", null, 2)]
    [InlineData("POST", "id-1", 2)]
    [InlineData("POST", null, 1)] // a service that answers 503 may have done something
    [InlineData("PATCH", null, 1)]
    public async Task Injected_503_is_thrown_and_retried_only_where_a_repetition_does_no_harm(string method, string? requestId, int attempts)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = App(o => o.OutcomeRate = 1);
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);

        var failure = await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.SendAsync(request, requestId));

        Assert.Equal((attempts, HttpStatusCode.ServiceUnavailable), (failure.Attempts, failure.StatusCode));
        Assert.IsType<HttpStatusException>(failure.InnerException);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")] // surely never sent
    public async Task Injected_fault_is_thrown_as_unreachable_and_retried(string method)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = App(o => o.FaultRate = 1, attempts: 3);
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);

        var failure = await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.SendAsync(request));

        Assert.Equal((3, typeof(ApiConnectionException)), (failure.Attempts, failure.GetType()));
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("GET", 2)]
    [InlineData("POST", 1)] // may have arrived, for all that a client knows
    public async Task Injected_latency_is_timed_out_by_the_attempt_timeout(string method, int attempts)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = App(
            o => (o.LatencyRate, o.Latency) = (1, TimeSpan.FromHours(1)), more: o => o.Timeout.Attempt = TimeSpan.FromMilliseconds(50));
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);

        var failure = await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.SendAsync(request));

        Assert.Equal((attempts, TimeoutPhase.Attempt), (failure.Attempts, failure.Phase));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Injected_failures_are_retried_until_the_request_is_sent_with_its_body_and_one_id()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = App(o => (o.FaultRate, o.OutcomeRate) = (0.4, 0.4), attempts: 100);
        for (var i = 0; i < 30; i++)
        {
            using var answer = await app.Client.PostJsonAsync(server.Address.AbsoluteUri, new { Number = i }, requestId: $"id-{i}");
        }

        Assert.Equal(Enumerable.Range(0, 30).Select(i => $$"""{"number":{{i}}}"""), server.Requests.Select(request => request.Text));
        Assert.True(app.Snapshot.Calls.Retried > 0); // 0.36 to the power of 30 says otherwise
    }

    [Fact]
    public async Task Any_HttpClient_gets_the_injected_503_as_the_answer_to_its_request()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = App(o => o.OutcomeRate = 1, services: s => s.AddHttpClient("plain").AddResilience(HttpApp.Name));
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address);

        using var answer = await app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("plain").SendAsync(request);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("injected", answer.ReasonPhrase, StringComparison.Ordinal);
        Assert.Same(request, answer.RequestMessage);
        Assert.Equal("", await answer.Content.ReadAsStringAsync());
        Assert.Equal((1L, 1L), (app.Snapshot.Calls.Failed, app.Snapshot.Calls.Retries));
    }
}
