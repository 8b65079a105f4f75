using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.Http.Tests.Registration;

public class RegistrationTests
{
    private sealed class CatalogApi(HttpClient http)
    {
        public HttpClient Http => http;
    }

    private sealed class Orders([FromKeyedServices("orders")] ResilientClient client)
    {
        public ResilientClient Client => client;
    }

    private static ServiceProvider Services(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        configure(services);
        return services.BuildServiceProvider();
    }

    [Fact]
    public async Task AddResilientClient_is_injected_by_its_name_and_made_by_the_factory()
    {
        await using var services = Services(s =>
        {
            s.AddResilientClient("orders", _ => { });
            s.AddTransient<Orders>();
        });
        Assert.Equal("orders", services.GetRequiredService<Orders>().Client.Name);
        Assert.Equal("orders", services.GetRequiredService<IResilientClientFactory>().CreateClient("orders").Name);
    }

    [Fact]
    public async Task AddResilientClient_takes_its_settings_from_the_configuration_and_follows_them()
    {
        await using var first = new ScriptedServer(Reply.Ok("first"));
        await using var second = new ScriptedServer(Reply.Ok("second"));
        var json = new LiveJson(Settings(first));
        await using var services = Services(s =>
        {
            s.AddResilience(json.Section);
            s.AddResilientClient("orders");
        });
        var client = services.GetRequiredKeyedService<ResilientClient>("orders");
        Assert.Equal("first", await ReadAsync(client));
        json.Change(Settings(second));
        Assert.Equal("second", await ReadAsync(client)); // the same client

        static string Settings(ScriptedServer server) => $$"""{ "Pipelines": { "orders": { "BaseAddress": "{{server.Address}}" } } }""";
        static async Task<string> ReadAsync(ResilientClient client)
        {
            using var response = await client.GetAsync("/");
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Limits_follow_the_configuration()
    {
        await using var server = new ScriptedServer(Reply.Silence);
        var json = new LiveJson("""{ "Pipelines": { "orders": { "Retry": { "MaxAttempts": 1 } } } }""");
        await using var services = Services(s =>
        {
            s.AddResilience(json.Section);
            s.AddResilientClient("orders");
        });
        var client = services.GetRequiredKeyedService<ResilientClient>("orders");
        json.Change("""{ "Pipelines": { "orders": { "Retry": { "MaxAttempts": 1 }, "Timeout": { "Read": "00:00:00.050" } } } }""");
        var timeout = await Assert.ThrowsAsync<ApiTimeoutException>(() => client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal(TimeSpan.FromMilliseconds(50), timeout.Limit);
    }

    [Fact]
    public async Task Unknown_names_say_what_to_do()
    {
        await using var services = Services(s =>
        {
            s.AddResilientClient("orders");
            s.AddResilience().AddPipeline("payments");
            s.AddResilience().AddPipeline("orders");
        });
        var client = Assert.Throws<KeyNotFoundException>(() => services.GetRequiredKeyedService<ResilientClient>("payments"));
        Assert.Equal("There is no resilient client named 'payments'. Add it with AddResilientClient(\"payments\").", client.Message);
        Assert.Throws<InvalidOperationException>(() => services.GetRequiredKeyedService<ResilientClient>(5));
    }

    [Fact]
    public async Task Pipelines_that_do_not_exist_are_told_when_the_host_starts_all_at_once()
    {
        var application = Host.CreateEmptyApplicationBuilder(null);
        application.Services.AddResilience().AddPipeline("payments");
        application.Services.AddHttpClient("x").AddResilience("typo");
        application.Services.AddHttpClient("y").AddResilience("TYPO");
        application.Services.AddHttpClient("z").AddResilience("payments");
        application.Services.AddHttpClient("own").AddResilience();
        application.Services.AddHttpClient("removed").AddResilience("nothing").RemoveResilience();
        application.Services.AddResilientClient("orders");
        application.Services.ConfigureHttpClientDefaults(client => client.AddResilience("replaced"));
        application.Services.ConfigureHttpClientDefaults(client => client.AddResilience("common"));
        using var host = application.Build();

        var refused = await Assert.ThrowsAsync<ResilienceConfigurationException>(() => host.StartAsync());

        Assert.Equal(
            [
                "the pipeline of clients x, y = \"typo\": there is no pipeline of this name, known are payments",
                "the pipeline of client own = \"own\": there is no pipeline of this name, known are payments",
                "the pipeline of client orders = \"orders\": there is no pipeline of this name, known are payments",
                "the pipeline of client ConfigureHttpClientDefaults = \"common\": there is no pipeline of this name, known are payments",
            ],
            refused.Failures);
    }

    [Fact]
    public async Task Pipelines_that_do_not_exist_are_told_without_a_host_with_the_first_client()
    {
        await using var services = Services(s =>
        {
            s.AddHttpClient("good").AddResilience("payments");
            s.AddHttpClient("bad").AddResilience("typo");
            s.AddResilience().AddPipeline("payments");
        });

        var refused = Assert.Throws<ResilienceConfigurationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient("good"));

        Assert.Contains("the pipeline of client bad = \"typo\"", Assert.Single(refused.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_pipelines_for_one_client_are_refused()
    {
        await using var services = Services(s =>
        {
            s.AddResilientClient("orders", _ => { }).AddResilience("other");
            s.AddResilience().AddPipeline("other");
        });
        var refused = Assert.Throws<InvalidOperationException>(() => services.GetRequiredKeyedService<ResilientClient>("orders"));
        Assert.Contains("'orders' was given a pipeline twice: 'orders' and 'other'", refused.Message);
    }

    [Fact]
    public async Task AddResilience_keeps_the_ways_of_HttpClient()
    {
        await using var server = new ScriptedServer(Reply.Status(503, "sorry"));
        await using var services = Services(s =>
        {
            s.AddResilience().AddPipeline("catalog", o =>
            {
                o.BaseAddress = server.Address;
                o.Retry.MinWait = TimeSpan.Zero;
            });
            s.AddHttpClient<CatalogApi>().AddResilience("catalog");
        });
        var client = services.GetRequiredService<CatalogApi>().Http;
        using var response = await client.GetAsync("products");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "sorry"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(Timeout.InfiniteTimeSpan, client.Timeout);
        Assert.Equal(1, services.GetRequiredService<IResilienceMonitor>().GetSnapshot("catalog").Calls.Failed);
    }

    [Fact]
    public async Task AddResilience_gives_an_ordinary_client_per_request_options()
    {
        await using var server = new ScriptedServer(Reply.Silence);
        await using var services = Services(s =>
        {
            s.AddHttpClient("catalog").AddResilience();
            s.AddResilience().AddPipeline("catalog", o => o.Retry.MaxAttempts = 1);
        });
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address)
            .SetRequestId("mine").SetRequestOptions(new() { ReadTimeout = TimeSpan.FromMilliseconds(50) });
        var timeout = await Assert.ThrowsAsync<ApiTimeoutException>(() => client.SendAsync(request));
        Assert.Equal((TimeoutPhase.Read, TimeSpan.FromMilliseconds(50), "mine"), (timeout.Phase, timeout.Limit, timeout.RequestId));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.SetRequestOptions(new() { ReadTimeout = TimeSpan.Zero }));
    }

    [Fact]
    public async Task Send_without_async_is_protected_too()
    {
        await using var server = new ScriptedServer(Reply.Status(503), Reply.Silence);
        await using var services = Services(s =>
        {
            s.AddHttpClient("catalog").AddResilience();
            s.AddResilience().AddPipeline("catalog", o => (o.Retry.MaxAttempts, o.Retry.MinWait, o.Timeout.Read) = (2, TimeSpan.Zero, TimeSpan.FromMilliseconds(100)));
        });
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address);
        var timeout = Assert.Throws<ApiTimeoutException>(() => client.Send(request));
        Assert.Equal((TimeoutPhase.Read, 2), (timeout.Phase, timeout.Attempts));
    }

    [Fact]
    public async Task Client_of_another_name_than_its_pipeline_shares_circuit_and_slots_with_others()
    {
        await using var server = new ScriptedServer(Reply.Status(500));
        await using var services = Services(s =>
        {
            s.AddResilience().AddPipeline("shop", o => o.CircuitBreaker.FailureThreshold = 1);
            s.AddHttpClient("one").AddResilience("shop");
            s.AddHttpClient("two").AddResilience("shop");
        });
        var factory = services.GetRequiredService<IHttpClientFactory>();
        (await factory.CreateClient("one").GetAsync(server.Address)).Dispose();
        await Assert.ThrowsAsync<CircuitOpenException>(() => factory.CreateClient("two").GetAsync(server.Address));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Other_clients_of_the_application_are_left_alone()
    {
        await using var services = Services(s =>
        {
            s.AddResilientClient("orders", _ => { });
            s.AddHttpClient("plain");
        });
        Assert.Equal(TimeSpan.FromSeconds(100), services.GetRequiredService<IHttpClientFactory>().CreateClient("plain").Timeout);
    }

    [Fact]
    public async Task Settings_that_were_read_by_name_can_be_changed_without_harm()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var services = Services(s => s.AddResilientClient("orders", o => o.Timeout.Read = TimeSpan.FromSeconds(3)));
        var settings = services.GetRequiredService<IOptionsMonitor<PipelineOptions>>().Get("orders");
        Assert.Equal(TimeSpan.FromSeconds(3), settings.Timeout.Read);
        settings.Timeout.Read = TimeSpan.Zero;
        (await services.GetRequiredKeyedService<ResilientClient>("orders").GetAsync(server.Address.AbsoluteUri)).Dispose();
    }

    [Fact]
    public async Task PhaseTimeoutHandler_serves_a_client_without_a_pipeline()
    {
        await using var server = new ScriptedServer(Reply.Ok(), Reply.Silence);
        using var http = new HttpClient(new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions { Read = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal("ok", await http.GetStringAsync(server.Address));
        var timeout = await Assert.ThrowsAsync<PhaseTimeoutException>(() => http.GetAsync(server.Address));
        Assert.Equal((TimeoutPhase.Read, TimeSpan.FromMilliseconds(100)), (timeout.Phase, timeout.Limit));
        Assert.IsType<TimeoutException>(timeout.InnerException);
    }

    [Fact]
    public void PhaseTimeoutHandler_refuses_limits_out_of_range()
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions { Write = TimeSpan.Zero }));
        Assert.Equal("timeouts.Write", refused.ParamName);
    }

    private sealed class Lines(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
