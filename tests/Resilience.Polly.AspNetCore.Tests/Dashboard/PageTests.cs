using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;

namespace Resilience.Polly.AspNetCore.Tests;

public partial class PageTests
{
    [Theory]
    [InlineData("/resilience", "", "/resilience", "./resilience/")]
    [InlineData("/resilience", "", "/resilience?a=b", "./resilience/?a=b")]
    [InlineData("/ops/look here", "/shop", "/shop/ops/look%20here", "./look%20here/")]
    [InlineData("", "/shop", "/shop", "./shop/")]
    public async Task Page_without_a_slash_at_the_end_is_at_the_relative_address_with_one(string pattern, string pathBase, string path, string location)
    {
        await using var app = await StartAsync(pattern, pathBase);

        using var response = await app.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(location, response.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("/resilience", "")]
    [InlineData("/resilience/", "/shop")]
    [InlineData("/", "")]
    [InlineData("", "/shop")]
    public async Task Page_has_relative_addresses_that_lead_to_its_files(string pattern, string pathBase)
    {
        await using var app = await StartAsync(pattern, pathBase);
        var page = new Uri(app.Address, $"{pathBase}/{pattern.Trim('/')}/".Replace("//", "/"));

        var html = await app.Client.GetStringAsync(page);

        var addresses = Address().Matches(html).Select(match => match.Groups["address"].Value).Where(address => !address.StartsWith('#')).ToList();
        Assert.InRange(addresses.Count, 15, 100);
        foreach (var address in addresses)
        {
            Assert.StartsWith("assets/", address, StringComparison.Ordinal);
            using var file = await app.Client.GetAsync(new Uri(page, address));
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
            Assert.Contains("immutable", file.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
            Assert.Matches("^(text/javascript|text/css|image/svg.xml)$", file.Content.Headers.ContentType!.MediaType);
        }
    }

    [Fact]
    public async Task Page_has_no_inline_script_or_style_and_names_no_other_server()
    {
        await using var app = await DashboardApp.StartAsync();

        using var response = await app.Client.GetAsync("/resilience/");
        var html = await response.Content.ReadAsStringAsync();

        Assert.DoesNotMatch(@"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?://", html);
        Assert.Contains("Storefront", html, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", html, StringComparison.Ordinal);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Heading_says_which_application_and_which_instance()
    {
        await using var byDefault = await DashboardApp.StartAsync();
        await using var named = await DashboardApp.StartAsync(map: app => app.MapResilienceDashboard(
            configure: options => (options.ApplicationName, options.InstanceName) = ("Shop <EU>", "blue 7")));

        Assert.Contains("<h1>Storefront</h1>", await byDefault.Client.GetStringAsync("/resilience/"), StringComparison.Ordinal);
        Assert.Contains("<h1>Shop &lt;EU&gt;</h1>", await named.Client.GetStringAsync("/resilience/"), StringComparison.Ordinal);
        Assert.Equal($"{Environment.MachineName}, process {Environment.ProcessId}", await InstanceAsync(byDefault));
        Assert.Equal("blue 7", await InstanceAsync(named));

        static async Task<string> InstanceAsync(DashboardApp app)
        {
            using var stream = await app.WatchAsync();
            return (await stream.NextAsync("whole")).GetProperty("instance").GetString()!;
        }
    }

    [Theory]
    [InlineData("assets/0123456789abcdef/main.js")]
    [InlineData("assets/{0}/nothing.js")]
    [InlineData("assets/{0}/page.html")]
    [InlineData("circuits/token")]
    public async Task Other_addresses_lead_nowhere(string path)
    {
        await using var app = await DashboardApp.StartAsync();
        var version = Address().Match(await app.Client.GetStringAsync("/resilience/")).Groups["address"].Value.Split('/')[1];

        using var response = await app.Client.GetAsync("/resilience/" + path.Replace("{0}", version));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static Task<DashboardApp> StartAsync(string pattern, string pathBase) => DashboardApp.StartAsync(map: app =>
    {
        app.UsePathBase(pathBase);
        app.UseRouting();
        app.MapResilienceDashboard(pattern);
    });

    [GeneratedRegex("(?:href|src)=\"(?<address>[^\"]*)\"")]
    private static partial Regex Address();
}
