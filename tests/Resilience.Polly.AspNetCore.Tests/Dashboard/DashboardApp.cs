using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>An application with a dashboard on a real server.</summary>
internal sealed class DashboardApp : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;

    private DashboardApp(WebApplication app, LogRecorder log)
    {
        (_app, Log) = (app, log);
        Address = new Uri(app.Urls.First());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address, Timeout = Patience };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public LogRecorder Log { get; }

    public IServiceProvider Services => _app.Services;

    public TestClock Clock => (TestClock)Services.GetRequiredService<TimeProvider>();

    public ICircuitBreakerControl Circuits => Services.GetRequiredService<ICircuitBreakerControl>();

    /// <param name="pipelines">The pipelines; without it there are two, "payments" and "search".</param>
    /// <param name="services">Whatever else the application has.</param>
    /// <param name="map">What is served; without it the dashboard at /resilience.</param>
    /// <param name="isClockFake">Whether the pipelines and the dashboard are on a clock that the test moves.</param>
    /// <param name="port">0 for any.</param>
    /// <param name="environment">The environment of the host.</param>
    /// <param name="startsAt">The time at which a fake clock starts; without it the beginning of 2026.</param>
    /// <param name="listen">Where Kestrel listens; without it on a port of 127.0.0.1.</param>
    public static async Task<DashboardApp> StartAsync(
        Action<IResilienceBuilder>? pipelines = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null,
        bool isClockFake = false,
        int port = 0,
        string environment = "Development",
        Action<KestrelServerOptions>? listen = null,
        DateTimeOffset? startsAt = null)
    {
        var log = new LogRecorder("Resilience.Polly.AspNetCore");
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "Storefront", EnvironmentName = environment });
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.ConfigureKestrel(listen ?? (kestrel => kestrel.Listen(IPAddress.Loopback, port)));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        if (isClockFake)
        {
            builder.Services.AddSingleton<TimeProvider>(new TestClock(startsAt ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        }

        services?.Invoke(builder.Services);
        (pipelines ?? Two)(builder.Services.AddResilience());
        var app = builder.Build();
        (map ?? (a => a.MapResilienceDashboard()))(app);
        await app.StartAsync();
        return new(app, log);
    }

    public ResiliencePipeline Pipeline(string name) =>
        Services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(name);

    public async Task CallAsync(string name, Exception? failure = null, string? partition = null)
    {
        var context = ResilienceContextPool.Shared.Get();
        if (partition is not null)
        {
            context.Properties.Set(CallProperties.Partition, partition);
        }

        try
        {
            await Pipeline(name).ExecuteAsync(_ => failure is null ? ValueTask.CompletedTask : throw failure, context);
        }
        catch (ApiCallException)
        {
            // What the caller would see is not what these tests look at.
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Fails often enough for the circuit to open.</summary>
    public Task OpenAsync(string name) => CallAsync(name, new HttpRequestException("secret of the body", null, HttpStatusCode.ServiceUnavailable));

    public Task<PageStream> WatchAsync(string path = "/resilience/stream") => PageStream.OpenAsync(Client, path);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void Two(IResilienceBuilder builder) => builder
        .AddPipeline("payments", Brittle)
        .AddPipeline("search", Brittle);

    private static void Brittle(PipelineOptions options)
    {
        options.CircuitBreaker.FailureThreshold = 1;
        options.Retry.MaxAttempts = 1;
    }
}
