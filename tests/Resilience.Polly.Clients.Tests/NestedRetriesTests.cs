using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Resilience.Polly.Clients.Tests;

/// <summary>A client with .NET's own resilience handler beside the pipeline: the attempts of the two multiply, and the log says so.</summary>
public class NestedRetriesTests
{
    private const string Standard = "Microsoft.Extensions.Http.Resilience.ResilienceHandler";

    [Fact]
    public async Task Standard_handler_in_the_same_chain_is_one_warning_that_names_it()
    {
        var log = await LogOfAsync(services => services.AddHttpClient("stock").AddResilience().AddStandardResilienceHandler());

        Assert.Equal(
            $"Warning: HttpClient 'stock' has {Standard} beside pipeline 'stock', which makes up to 3 attempts. If both retry, their attempts multiply. "
            + "Remove the other handler, switch its retries off, or set Retry:MaxAttempts of the pipeline to 1",
            Assert.Single(log.Lines));
        Assert.Equal(LogLevel.Warning, log.Events[2]);
    }

    [Theory]
    [InlineData("defaults")]
    [InlineData("above")]
    [InlineData("hedging")]
    [InlineData("own strategies")]
    [InlineData("inside the primary")]
    public async Task Handler_with_retries_is_a_warning_wherever_it_stands(string where)
    {
        var log = await LogOfAsync(services =>
        {
            if (where == "defaults")
            {
                services.ConfigureHttpClientDefaults(defaults => defaults.AddStandardResilienceHandler());
            }

            var client = services.AddHttpClient("stock");
            _ = where switch
            {
                "above" => client.AddStandardResilienceHandler(),
                "hedging" => client.AddStandardHedgingHandler(),
                "own strategies" => (object)client.AddResilienceHandler("own", strategies => strategies.AddRetry(new RetryStrategyOptions<HttpResponseMessage>())),
                _ => client,
            };
            client.AddResilience();
            if (where == "inside the primary")
            {
                client.ConfigurePrimaryHttpMessageHandler(() => new Microsoft.Extensions.Http.Resilience.ResilienceHandler(
                    new ResiliencePipelineBuilder<HttpResponseMessage>().Build())
                {
                    InnerHandler = new Answering(),
                });
            }
        });

        Assert.Contains(Standard, Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no other handler")]
    [InlineData("one attempt")]
    [InlineData("never repeated")]
    [InlineData("no pipeline")]
    public async Task Client_whose_attempts_do_not_multiply_is_no_warning(string why)
    {
        var log = await LogOfAsync(services =>
        {
            var client = services.AddHttpClient("stock");
            if (why != "no pipeline")
            {
                client.AddResilience(repetition: why == "never repeated" ? CallRepetition.Never : null);
            }

            if (why != "no other handler")
            {
                client.AddStandardResilienceHandler();
            }

            services.AddHttpClient("other").AddResilience("stock");
        }, attempts: why == "one attempt" ? 1 : 3);

        Assert.Empty(log.Lines);
    }

    [Theory]
    [InlineData(1, 4, 4)] // repeated only where it cannot connect, and so does the other handler
    [InlineData(3, 4, 6)]
    public async Task Attempts_that_cannot_connect_multiply_too(int attempts, int connectAttempts, int most)
    {
        var log = await LogOfAsync(services => services.AddHttpClient("stock").AddResilience().AddStandardResilienceHandler(), attempts, connectAttempts);

        var line = Assert.Single(log.Lines);
        Assert.Contains($"makes up to {most} attempts", line, StringComparison.Ordinal);
        Assert.EndsWith("set Retry:MaxAttempts and Retry:MaxConnectAttempts of the pipeline to 1", line, StringComparison.Ordinal);
    }

    // The handlers of a client are made with its first HttpClient.
    private static async Task<LogRecorder> LogOfAsync(Action<IServiceCollection> register, int attempts = 3, int? connectAttempts = null)
    {
        var log = new LogRecorder("Resilience.Polly.Http");
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(log));
        services.AddResilience().AddPipeline("stock", options => (options.Retry.MaxAttempts, options.Retry.MaxConnectAttempts) = (attempts, connectAttempts));
        services.ConfigureHttpClientDefaults(defaults => defaults.ConfigurePrimaryHttpMessageHandler(() => new Answering()));
        register(services);
        await using var provider = services.BuildServiceProvider();
        for (var call = 0; call < 3; call++)
        {
            using var answer = await provider.GetRequiredService<IHttpClientFactory>().CreateClient("stock").GetAsync("http://stock.example/");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        return log;
    }

    private sealed class Answering : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
    }
}
