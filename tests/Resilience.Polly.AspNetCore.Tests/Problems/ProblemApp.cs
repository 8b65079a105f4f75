using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>An application on a real server whose endpoint fails.</summary>
internal sealed class ProblemApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProblemApp(WebApplication app, LogRecorder log, LogRecorder middlewareLog)
    {
        (_app, Log, MiddlewareLog) = (app, log, middlewareLog);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = DashboardApp.Patience };
    }

    public HttpClient Client { get; }

    /// <summary>What the package logs.</summary>
    public LogRecorder Log { get; }

    /// <summary>What the middleware for exceptions logs.</summary>
    public LogRecorder MiddlewareLog { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>An application whose endpoint <c>/</c> throws <paramref name="failure"/>.</summary>
    public static Task<ProblemApp> ThatThrowsAsync(
        Exception failure, Action<IServiceCollection>? services = null, Action<WebApplication>? map = null, string environment = "Production") =>
        StartAsync(_ => throw failure, services, map, environment);

    /// <param name="endpoint">Answers <c>/</c>.</param>
    /// <param name="services">What the application has beside <c>AddResilienceProblemDetails</c>, added before it.</param>
    /// <param name="map">What comes before the endpoint; <c>UseExceptionHandler()</c> where it is left out.</param>
    /// <param name="environment">The environment of the host.</param>
    public static async Task<ProblemApp> StartAsync(
        RequestDelegate endpoint, Action<IServiceCollection>? services = null, Action<WebApplication>? map = null, string environment = "Production")
    {
        var log = new LogRecorder("Resilience.Polly.AspNetCore");
        var middlewareLog = new LogRecorder("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware");
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders().AddProvider(log).AddProvider(middlewareLog).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        services?.Invoke(builder.Services);
        builder.Services.AddResilienceProblemDetails();
        var app = builder.Build();
        (map ?? (a => a.UseExceptionHandler()))(app);
        app.MapGet("/", endpoint);
        await app.StartAsync();
        return new(app, log, middlewareLog);
    }

    public async Task<Answer> GetAsync(string path = "/", string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        using var response = await Client.SendAsync(request);
        return new(
            (int)response.StatusCode,
            response.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(),
            $"{response.Headers}{response.Content.Headers}");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    internal sealed record Answer(int Status, string? RetryAfter, string? ContentType, string Body, string Headers)
    {
        public string? this[string member] =>
            JsonDocument.Parse(Body).RootElement.TryGetProperty(member, out var value) ? value.ToString() : null;
    }
}
