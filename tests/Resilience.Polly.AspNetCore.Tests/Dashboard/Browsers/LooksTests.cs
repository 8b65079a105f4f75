using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>The page during an incident, on a phone and on a desk, by day and by night.</summary>
public class LooksTests(Browser browser)
{
    [Theory]
    [InlineData(375, ColorScheme.Light)]
    [InlineData(375, ColorScheme.Dark)]
    [InlineData(1_440, ColorScheme.Light)]
    [InlineData(1_440, ColorScheme.Dark)]
    public async Task Page_fits_its_window_and_passes_the_rules_of_accessibility(int width, ColorScheme scheme)
    {
        await using var app = await DashboardApp.StartAsync(DemoTraffic.AddPipelines);
        await using var traffic = await DemoTraffic.StartAsync(app, isIncident: true);
        await using var page = await browser.OpenAsync(
            new(app.Address, "/resilience"), new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
        await page.IsLiveAsync();
        await Expect(page.Badge("payments")).ToHaveTextAsync("Open", new() { Timeout = 20_000 });
        await page.Page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");

        Assert.Equal(0, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("[...document.querySelectorAll('.card, .tile, .log li')].filter(node => node.scrollWidth > node.clientWidth + 1).length"));
        var ground = await page.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        Assert.Equal(scheme == ColorScheme.Dark ? "rgb(15, 19, 23)" : "rgb(244, 246, 248)", ground);
        var rules = await page.Page.RunAxe();
        Assert.Empty(rules.Violations.Select(rule => $"{rule.Id}: {rule.Help} {string.Join(" | ", rule.Nodes.Select(node => node.Html))}"));
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Cards_are_sorted_worst_first()
    {
        await using var app = await DashboardApp.StartAsync(DemoTraffic.AddPipelines);
        await using var traffic = await DemoTraffic.StartAsync(app, isIncident: true);
        await using var page = await browser.OpenAsync(new(app.Address, "/resilience"));

        await Expect(page.Badge("payments")).ToHaveTextAsync("Open", new() { Timeout = 20_000 });

        await Expect(page.Cards.Nth(0).Locator("h3")).ToHaveTextAsync("payments");

        // A page that was quick enough to see recommendations open leaves their card above for ten seconds.
        await Expect(page.Cards.Nth(1).Locator("h3")).ToHaveTextAsync("reports", new() { Timeout = 30_000 });
        await Expect(page.Badge("reports")).ToHaveTextAsync("Isolated");
        await Expect(page.Badge("recommendations")).ToHaveTextAsync("Half-open");
        await Expect(page.Cards.Last.Locator("h3")).ToHaveTextAsync("catalog");
    }

    [Fact]
    public async Task Page_of_200_pipelines_stays_fluent()
    {
        await using var app = await DashboardApp.StartAsync(builder => StreamTests.Many(builder, 200));
        await using var page = await browser.OpenAsync(new(app.Address, "/resilience"));
        await page.IsLiveAsync();
        await Expect(page.Cards).ToHaveCountAsync(200);

        // Only what can be seen is drawn, and the work of a tick leaves the page free to answer. Counted is the time that the page's thread
        // had a processor, in the calmest of up to six windows of 3 s: the first ones still hold the start of the page on a slow machine.
        var drawn = await page.Page.Locator(".chart[viewBox]").CountAsync();
        var devTools = await page.Page.Context.NewCDPSessionAsync(page.Page);
        await devTools.SendAsync("Performance.setTimeDomain", new() { ["timeDomain"] = "threadTicks" });
        await devTools.SendAsync("Performance.enable");
        var busy = double.MaxValue;
        for (var window = 0; window < 6 && busy > 1.5; window++)
        {
            var before = await BusySecondsAsync(devTools);
            await page.Page.WaitForTimeoutAsync(3_000);
            busy = Math.Min(busy, await BusySecondsAsync(devTools) - before);
        }

        Assert.InRange(drawn, 4, 200);
        Assert.InRange(busy, 0.001, 1.5);
    }

    private static async Task<double> BusySecondsAsync(ICDPSession devTools)
    {
        var answer = await devTools.SendAsync("Performance.getMetrics");
        return answer!.Value.GetProperty("metrics").EnumerateArray()
            .Single(metric => metric.GetProperty("name").GetString() == "TaskDuration").GetProperty("value").GetDouble();
    }
}
