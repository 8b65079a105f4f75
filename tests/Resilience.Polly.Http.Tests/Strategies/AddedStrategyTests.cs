using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Fallback;
using Polly.Hedging;

namespace Resilience.Polly.Http.Tests.Strategies;

/// <summary>The HTTP client of a pipeline goes through the strategies that were added to it, over real sockets.</summary>
public class AddedStrategyTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Hedging_sends_a_second_request_with_the_same_id_and_body_and_returns_the_first_answer(bool isAroundCall, bool isPost)
    {
        var ids = new ConcurrentQueue<string>();
        var (requests, hang) = (0, new TaskCompletionSource());
        await using var server = await WebServer.StartAsync(async context =>
        {
            ids.Enqueue($"{context.Request.Headers["X-Request-ID"]} {await new StreamReader(context.Request.Body).ReadToEndAsync()}");
            if (Interlocked.Increment(ref requests) == 1)
            {
                await Task.WhenAny(hang.Task, WebServer.HangAsync(context));
            }

            await context.Response.WriteAsync("second");
        });
        var hedging = new HedgingStrategyOptions<HttpResponseMessage> { MaxHedgedAttempts = 1, Delay = TimeSpan.FromMilliseconds(100) };
        await using var services = Services(server.Address, s => _ = isAroundCall
            ? s.AroundCall<HttpResponseMessage>((b, _) => b.AddHedging(hedging))
            : s.AroundAttempt<HttpResponseMessage>((b, _) => b.AddHedging(hedging)));
        var client = services.GetRequiredKeyedService<ResilientClient>("payments");
        using var request = new HttpRequestMessage(isPost ? HttpMethod.Post : HttpMethod.Get, "/orders") { Content = isPost ? new StringContent("body") : null };
        using var answer = await client.SendAsync(request);
        Assert.Equal("second", await answer.Content.ReadAsStringAsync());
        hang.SetResult();
        Assert.Equal(2, ids.Count);
        Assert.Single(ids.Distinct());
        var snapshot = services.GetRequiredService<IResilienceMonitor>().GetSnapshot("payments");
        Assert.Equal((1, 1, 0), (snapshot.Calls.Total, snapshot.Calls.Succeeded, snapshot.CircuitBreaker.FailureCount));
        Assert.StartsWith(isAroundCall ? "payments: [hedging] > bulkhead" : "payments: bulkhead", snapshot.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fallback_answers_for_a_service_that_cannot_be_reached()
    {
        await using var services = Services(new Uri("http://127.0.0.1:1/"), s => s.AroundCall<HttpResponseMessage>((b, _) => b.AddFallback(new FallbackStrategyOptions<HttpResponseMessage>
        {
            FallbackAction = _ => Outcome.FromResultAsValueTask(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("kept") }),
        })));
        Assert.Equal("kept", await services.GetRequiredService<IHttpClientFactory>().CreateClient("payments").GetStringAsync("/orders"));
    }

    private static ServiceProvider Services(Uri address, Action<PipelineStrategies> strategies)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddResilientClient("payments", o => (o.BaseAddress, o.Retry.MaxAttempts) = (address, 1), strategies);
        return services.BuildServiceProvider();
    }
}
