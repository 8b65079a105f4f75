using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Resilience.Polly.Http;

namespace Resilience.Polly.Clients.Tests;

/// <summary>A pipeline over Microsoft.Extensions.ServiceDiscovery, with a service of two endpoints of which one is down.</summary>
public sealed class ServiceDiscoveryTests : IAsyncDisposable
{
    private readonly ScriptedServer _down = new((_, _) => Reply.Status(503));

    private readonly ScriptedServer _up = new((_, _) => Reply.Json("\"pen\""));

    [Fact]
    public async Task Each_attempt_goes_to_the_next_endpoint_where_discovery_stands_below_the_pipeline()
    {
        await using var services = Services(builder =>
        {
            Wiring.AddPipeline(builder);
            builder.AddServiceDiscovery();
        });

        for (var call = 0; call < 10; call++)
        {
            Assert.Equal("\"pen\"", await Client(services).GetStringAsync("item"));
        }

        Assert.Equal(10, _up.Requests.Count);
        Assert.InRange(_down.Requests.Count, 5, 10);
    }

    [Fact]
    public async Task All_attempts_go_to_one_endpoint_where_discovery_stands_above_the_pipeline()
    {
        await using var services = Services(builder =>
        {
            builder.AddServiceDiscovery();
            Wiring.AddPipeline(builder);
        });

        var failures = 0;
        for (var call = 0; call < 10; call++)
        {
            failures += await FailsAsync(services) ? 1 : 0;
        }

        Assert.Equal(5, failures);
        Assert.Equal((15, 5), (_down.Requests.Count, _up.Requests.Count));
    }

    [Fact]
    public async Task Resilient_client_names_a_service_as_its_base_address()
    {
        await using var services = Services(configure: null, services => services
            .AddResilientClient("catalog", options =>
            {
                options.BaseAddress = new Uri("http://catalog");
                options.Retry.MinWait = TimeSpan.Zero;
            })
            .AddServiceDiscovery());

        Assert.Equal("pen", await services.GetRequiredKeyedService<ResilientClient>("catalog").GetJsonAsync<string>("item"));
    }

    public async ValueTask DisposeAsync()
    {
        await _down.DisposeAsync();
        await _up.DisposeAsync();
    }

    private static HttpClient Client(IServiceProvider services) => services.GetRequiredService<IHttpClientFactory>().CreateClient(Sdk.Name);

    private static async Task<bool> FailsAsync(IServiceProvider services)
    {
        using var response = await Client(services).GetAsync(new Uri("item", UriKind.Relative));
        return !response.IsSuccessStatusCode;
    }

    private ServiceProvider Services(Action<IHttpClientBuilder>? configure, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Services:catalog:http:0", $"{_down.Address}"),
            new("Services:catalog:http:1", $"{_up.Address}"),
        ]).Build());
        services.AddServiceDiscovery();
        configure?.Invoke(services.AddHttpClient(Sdk.Name, client => client.BaseAddress = new Uri("http://catalog")));
        more?.Invoke(services);
        return services.BuildServiceProvider();
    }
}
