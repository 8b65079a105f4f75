using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Benchmarks;

/// <summary>Requests over loopback with a body of one size, or without one, over one version of HTTP.</summary>
/// <param name="version">1 or 2; HTTP/2 without TLS.</param>
/// <param name="bytes">The size of the body that is posted; 0 for a GET.</param>
/// <param name="concurrent">How many are under way at once.</param>
internal sealed class HttpBodies(int version, int bytes, int concurrent) : IAsyncDisposable
{
    // The system tunes each connection by itself, and a large body goes twice as fast over one as over another: many connections even that out.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(50);

    private readonly byte[] _body = new byte[bytes];
    private WebApplication _server = null!;
    private ServiceProvider _services = null!;

    private bool IsLarge => bytes > 100_000;

    public async Task<Contender[]> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = version == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
        _server = builder.Build();
        var hello = "hello"u8.ToArray();
        _server.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentLength = hello.Length;
            await context.Response.Body.WriteAsync(hello);
        });
        await _server.StartAsync();

        var services = new ServiceCollection();
        services.AddLogging();
        services.AddResilience().AddPipeline("resilience");
        services.ConfigureHttpClientDefaults(client => client
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { PooledConnectionLifetime = IsLarge ? Lifetime : Timeout.InfiniteTimeSpan })
            .ConfigureHttpClient(http => (http.BaseAddress, http.DefaultRequestVersion, http.DefaultVersionPolicy) =
                (new Uri(_server.Urls.Single()), new Version(version, version == 2 ? 0 : 1), HttpVersionPolicy.RequestVersionExact)));
        services.AddHttpClient("plain");
        services.AddHttpClient("resilience").AddResilience();
        services.AddHttpClient("standard").AddStandardResilienceHandler();
        _services = services.BuildServiceProvider();
        return [Contend("AddResilience", "resilience"), Contend("plain HttpClient", "plain"), Contend("AddStandardResilienceHandler", "standard")];
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
    }

    private Contender Contend(string name, string clientName)
    {
        var client = _services.GetRequiredService<IHttpClientFactory>().CreateClient(clientName);
        var calls = IsLarge ? 20 : 100;
        return Contender.Of(name, calls * concurrent, () => Task.WhenAll(Enumerable.Range(0, concurrent).Select(async _ =>
        {
            for (var i = 0; i < calls; i++)
            {
                (bytes == 0 ? await client.GetAsync("/") : await client.PostAsync("/", new ByteArrayContent(_body))).Dispose();
            }
        })));
    }
}
