using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Microsoft.Playwright.Assertions;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>What a page of another origin gets of a dashboard without authorization, in an application that allows any origin by CORS.</summary>
public class OtherOriginTests(Browser browser)
{
    [Theory]
    [InlineData("127.0.0.1")] // another port: the same site
    [InlineData("localhost")] // another site
    public async Task Page_of_another_origin_reads_nothing_and_may_link(string host)
    {
        await using var app = await DashboardApp.StartAsync(
            services: services => services.AddCors(cors => cors.AddDefaultPolicy(any => any.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod())),
            map: app =>
            {
                app.UseCors();
                app.MapGet("/public", () => "public");
                app.MapResilienceDashboard();
            });
        await using var other = await ServeAsync($"""<!doctype html><title>other</title><a href="{app.Address}resilience">dashboard</a>""");
        await using var page = await browser.OpenAsync(new Uri($"http://{host}:{new Uri(other.Urls.Single()).Port}/"));

        Assert.Equal(["200 public"], await FetchAsync("public")); // CORS itself lets the page read
        foreach (var path in new[] { "resilience/", "resilience/stream" })
        {
            Assert.Equal(["403 The dashboard has no authorization, and without one it answers no page of another origin."], await FetchAsync(path));
        }

        Assert.Equal("refused", await page.Page.EvaluateAsync<string>(
            """
            address => new Promise(done => {
                const script = document.createElement('script');
                script.type = 'module';
                script.src = address;
                script.onload = () => done('loaded');
                script.onerror = () => done('refused');
                document.head.append(script);
            })
            """,
            await AssetAsync(app)));

        await page.Page.GetByRole(Microsoft.Playwright.AriaRole.Link).ClickAsync();
        await page.IsLiveAsync();
        await Expect(page.Rows).ToHaveCountAsync(2);

        // The first piece is enough: a stream has no end.
        Task<string[]> FetchAsync(string path) => page.Page.EvaluateAsync<string[]>(
            """
            async address => {
                const response = await fetch(address);
                const piece = await response.body.getReader().read();
                return [`${response.status} ${new TextDecoder().decode(piece.value)}`];
            }
            """,
            $"{app.Address}{path}");
    }

    private static async Task<string> AssetAsync(DashboardApp app)
    {
        var html = await app.Client.GetStringAsync("/resilience/");
        return $"{app.Address}resilience/{html.Split('"').First(text => text.EndsWith("/format.js", StringComparison.Ordinal))}";
    }

    private static async Task<WebApplication> ServeAsync(string html)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/", () => Results.Content(html, "text/html"));
        await app.StartAsync();
        return app;
    }
}
