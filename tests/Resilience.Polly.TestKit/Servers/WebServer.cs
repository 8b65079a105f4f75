using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Resilience.Polly.TestKit;

/// <summary>A real server for HTTP/2 and TLS. Its delegate is asked by many requests at once, and stopped by <c>RequestAborted</c>.</summary>
public sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebServer(WebApplication app) => (_app, Address) = (app, new Uri(app.Urls.Single() + "/"));

    public Uri Address { get; }

    /// <param name="answer">Answers every request.</param>
    /// <param name="version">1 or 2; HTTP/2 without TLS is spoken from the first byte.</param>
    /// <param name="streams">How many requests one HTTP/2 connection may carry at once.</param>
    /// <param name="tls">Whether it speaks TLS, with a certificate that nobody has signed.</param>
    public static async Task<WebServer> StartAsync(
        RequestDelegate answer, int version = 1, int streams = 100, bool tls = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = streams;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = version == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
                if (tls)
                {
                    listen.UseHttps(Certificate());
                }
            });
        });
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new WebServer(app);
    }

    /// <summary>Never answers, until the client gives up.</summary>
    public static Task HangAsync(HttpContext context) =>
        Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
