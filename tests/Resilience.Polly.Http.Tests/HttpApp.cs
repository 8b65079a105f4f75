using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests;

/// <summary>An application with one resilient client, in real time unless the test brings a clock.</summary>
internal sealed class HttpApp : IAsyncDisposable
{
    public const string Name = "payments";

    private readonly ServiceProvider _services;

    /// <param name="configure">The pipeline. Where it says nothing there is one attempt, no circuit and room for everybody.</param>
    /// <param name="client">The HttpClient inside.</param>
    /// <param name="more">Whatever else the application has.</param>
    public HttpApp(Action<PipelineOptions>? configure = null, Action<IHttpClientBuilder>? client = null, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        more?.Invoke(services);
        var builder = services.AddResilientClient(Name, options =>
        {
            options.Retry.MaxAttempts = 1;
            options.Retry.MinWait = TimeSpan.Zero;
            options.Retry.Budget.Enabled = false;
            options.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
            options.Bulkhead.MaxConcurrency = 1000;
            configure?.Invoke(options);
        });
        client?.Invoke(builder);
        _services = services.BuildServiceProvider();
    }

    public IServiceProvider Services => _services;

    public ResilientClient Client => _services.GetRequiredKeyedService<ResilientClient>(Name);

    public PipelineSnapshot Snapshot => _services.GetRequiredService<IResilienceMonitor>().GetSnapshot(Name);

    /// <summary>HTTP/2 from the first byte, or over TLS, with the certificate of the test server.</summary>
    public static Action<IHttpClientBuilder> Speaking(int version, int maxConnections = int.MaxValue, Action<SocketsHttpHandler>? more = null) => builder => builder
        .ConfigurePrimaryHttpMessageHandler(() =>
        {
            var handler = new SocketsHttpHandler { MaxConnectionsPerServer = maxConnections };
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
            more?.Invoke(handler);
            return handler;
        })
        .ConfigureHttpClient(client =>
        {
            client.DefaultRequestVersion = new Version(version, version == 2 ? 0 : 1);
            client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        });

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
