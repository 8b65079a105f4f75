using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>An application on a real server with idempotent endpoints. The header <c>X-User</c> says who sends a request.</summary>
internal sealed class IdempotencyApp : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;

    private IdempotencyApp(WebApplication app, LogRecorder log)
    {
        (_app, Log, Address) = (app, log, new(app.Urls.First()));
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = Address, Timeout = Patience };
    }

    public HttpClient Client { get; }

    public Uri Address { get; }

    public LogRecorder Log { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="handler">Answers <c>POST /orders</c> and <c>PUT /orders/{id}</c>.</param>
    /// <param name="configure">The options of these endpoints.</param>
    /// <param name="store">Another store than that of the package.</param>
    /// <param name="clock">Another clock than that of the system.</param>
    /// <param name="services">What else the application has, added before the idempotency.</param>
    /// <param name="map">What else it maps, after the middleware.</param>
    /// <param name="before">What stands before the middleware.</param>
    public static async Task<IdempotencyApp> StartAsync(
        RequestDelegate handler,
        Action<IdempotentEndpointOptions>? configure = null,
        IIdempotencyStore? store = null,
        TimeProvider? clock = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null,
        Action<WebApplication>? before = null)
    {
        var log = new LogRecorder("Resilience.Polly.AspNetCore");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(500));
        if (store is not null)
        {
            builder.Services.AddSingleton(store);
        }

        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        services?.Invoke(builder.Services);
        builder.Services.AddIdempotency();
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (context.Request.Headers["X-User"].ToString() is { Length: > 0 } user)
            {
                context.User = new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, user)], "test"));
            }

            return next(context);
        });
        before?.Invoke(app);
        app.UseIdempotency();
        app.MapPost("/orders", handler).RequireIdempotency(configure);
        app.MapPut("/orders/{id}", handler).RequireIdempotency(configure);
        map?.Invoke(app);
        await app.StartAsync();
        return new(app, log);
    }

    public static string NewKey() => $"\"{Guid.NewGuid()}\"";

    public Task<Answer> PostAsync(string? key, string body = "{}", string path = "/orders", string? user = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, key, body, path, user, cancellationToken: cancellationToken);

    public async Task<Answer> SendAsync(
        HttpMethod method, string? key, string body = "{}", string path = "/orders", string? user = null, string type = "application/json", CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (key is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Idempotency-Key", key));
        }

        if (user is not null)
        {
            request.Headers.Add("X-User", user);
        }

        using var response = await Client.SendAsync(request, cancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join("|", header.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    internal sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
    {
        public string Body => Encoding.UTF8.GetString(Bytes);

        public bool IsReplay => Headers.GetValueOrDefault("Idempotent-Replayed") == "true";

        public string? Code => Headers.GetValueOrDefault("Content-Type") == "application/problem+json" ? JsonDocument.Parse(Body).RootElement.GetProperty("code").GetString() : null;

        public string? this[string header] => Headers.GetValueOrDefault(header);

        /// <summary>All that a repetition has in common with the first answer.</summary>
        public string Same => string.Join('\n', Headers
            .Where(header => header.Key is not ("Date" or "Idempotent-Replayed"))
            .Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal).Prepend($"{Status}").Append(Convert.ToHexString(Bytes)));
    }
}
