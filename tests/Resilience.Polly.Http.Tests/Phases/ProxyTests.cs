using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>What a proxy says is no word of the service, and what is shared at a proxy is shared.</summary>
public class ProxyTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(403)]
    [InlineData(407)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Proxy_that_refuses_a_tunnel_is_infrastructure(int status)
    {
        await using var proxy = new ConnectProxy { Refuses = status };
        await using var app = new HttpApp(
            o => (o.Retry.MaxAttempts, o.CircuitBreaker.Mode) = (2, CircuitBreakerMode.Enforce),
            HttpApp.Speaking(1, more: handler => handler.Proxy = proxy.Proxy));
        var plain = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);

        var seen = await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.PostAsync("https://127.0.0.1:9/", new StringContent("body")));
        var plainly = await Assert.ThrowsAsync<ApiConnectionException>(() => plain.GetAsync("https://127.0.0.1:9/"));

        Assert.Equal((HttpRequestError.ProxyTunnelError, null, 2), (seen.HttpRequestError, seen.StatusCode, seen.Attempts));
        Assert.Equal((HttpRequestError.ProxyTunnelError, 2, 4), (plainly.HttpRequestError, app.Snapshot.CircuitBreaker.FailureCount, proxy.Refusals));
    }

    [Fact]
    public async Task Connection_of_a_forward_proxy_that_is_taken_makes_requests_to_other_servers_wait_for_the_pool()
    {
        var (inside, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var proxy = new ScriptedServer((request, _) =>
        {
            inside.TrySetResult();
            return Reply.Ok().After(gate.Task);
        });
        await using var app = new HttpApp(client: HttpApp.Speaking(1, maxConnections: 1, handler => handler.Proxy = new WebProxy(proxy.Address)));
        var holder = app.Client.GetAsync("http://one.test/");
        await inside.Task;

        var full = await Assert.ThrowsAsync<PoolTimeoutException>(() => app.Client.GetAsync("http://two.test/", options: new() { PoolTimeout = Short }));

        Assert.Equal(Short, full.Limit);
        gate.SetResult();
        (await holder).Dispose();
        Assert.Equal(["http://one.test/"], proxy.Requests.Select(request => request.Path));
    }

    [Fact]
    public async Task Servers_without_a_proxy_keep_pools_of_their_own()
    {
        var (inside, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var one = new ScriptedServer((_, _) =>
        {
            inside.TrySetResult();
            return Reply.Ok().After(gate.Task);
        });
        await using var two = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp(client: HttpApp.Speaking(1, maxConnections: 1));
        var holder = app.Client.GetAsync(one.Address.AbsoluteUri);
        await inside.Task;

        (await app.Client.GetAsync(two.Address.AbsoluteUri, options: new() { PoolTimeout = Short })).Dispose();

        gate.SetResult();
        (await holder).Dispose();
    }
}
