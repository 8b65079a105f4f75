using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>The page during an incident, on a phone and on a desk, by day and by night.</summary>
public class LooksTests(Browser browser)
{
    private const int Height = 900;

    [Theory]
    [InlineData(1)]
    [InlineData(19)]
    [InlineData(200)]
    public async Task Page_fits_its_window_and_passes_the_rules_of_accessibility(int pipelines)
    {
        await using var incident = await RecordedIncident.PlayAsync(pipelines);
        foreach (var width in new[] { 375, 1_440 })
        {
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await using var page = await browser.OpenAsync(
                    new(incident.App.Address, "/resilience"), new() { ViewportSize = new() { Width = width, Height = Height }, ColorScheme = scheme });
                await page.IsLiveAsync();
                await Expect(page.State("payments")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("Open|Half-open"));
                var name = $"{pipelines}-{width}-{scheme}".ToLowerInvariant();

                Assert.Equal("", await Layout.FaultsAsync(page.Page));
                await Layout.PictureAsync(page.Page, $"{name}-list");
                var height = await page.Page.EvaluateAsync<double>("document.getElementById('table').getBoundingClientRect().height");
                Assert.InRange(height, 50, pipelines * (width == 375 ? 84 : 42) + 120);
                if ((pipelines, width) == (19, 1_440))
                {
                    Assert.InRange(height, 50, 2 * Height);
                }

                // The newest events are in view wherever the page is scrolled to.
                await page.Page.EvaluateAsync("window.scrollTo(0, document.documentElement.scrollHeight / 2)");
                await Expect(page.Page.Locator("#log li.newest")).ToBeInViewportAsync();
                await Layout.PictureAsync(page.Page, $"{name}-scrolled", isWhole: false);

                await page.OpenCardAsync("payments");
                await page.Page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");
                Assert.Equal("", await Layout.FaultsAsync(page.Page));
                await Layout.PictureAsync(page.Page, $"{name}-card");

                var ground = await page.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
                Assert.Equal(scheme == ColorScheme.Dark ? "rgb(15, 19, 23)" : "rgb(244, 246, 248)", ground);
                if (pipelines < 200)
                {
                    var rules = await page.Page.RunAxe();
                    Assert.Empty(rules.Violations.Select(rule => $"{rule.Id}: {rule.Help} {string.Join(" | ", rule.Nodes.Select(node => node.Html))}"));
                }

                Assert.Empty(page.Complaints);
            }
        }
    }

    [Fact]
    public async Task List_is_sorted_worst_first()
    {
        await using var app = await DashboardApp.StartAsync(DemoTraffic.AddPipelines);
        await using var traffic = await DemoTraffic.StartAsync(app, isIncident: true);
        await using var page = await browser.OpenAsync(new(app.Address, "/resilience"));

        await Expect(page.State("payments")).ToHaveTextAsync("Open", new() { Timeout = 20_000 });

        await Expect(page.Names.Nth(0)).ToHaveTextAsync("payments");

        // A page that was quick enough to see recommendations open leaves their card above for ten seconds.
        await Expect(page.Names.Nth(1)).ToHaveTextAsync("reports", new() { Timeout = 30_000 });
        await Expect(page.State("reports")).ToHaveTextAsync("Isolated");
        await Expect(page.State("recommendations")).ToHaveTextAsync("Half-open");
        await Expect(page.Names.Last).ToHaveTextAsync("catalog");
    }

    [Fact]
    public async Task Page_of_200_pipelines_stays_fluent()
    {
        await using var incident = await RecordedIncident.PlayAsync(200);
        await using var page = await browser.OpenAsync(new(incident.App.Address, "/resilience"));
        await page.IsLiveAsync();
        await Expect(page.Rows).ToHaveCountAsync(200);
        await page.OpenCardAsync("payments");

        // Only what can be seen is drawn, and the work of an update leaves the page free to answer. Counted is the time that the page's thread
        // had a processor, in the calmest of up to six windows of three updates: the first ones still hold the start of the page on a slow machine.
        var drawn = await page.Page.Locator(".spark path.main[d]").CountAsync();
        var devTools = await page.Page.Context.NewCDPSessionAsync(page.Page);
        await devTools.SendAsync("Performance.setTimeDomain", new() { ["timeDomain"] = "threadTicks" });
        await devTools.SendAsync("Performance.enable");
        var (busy, script) = (double.MaxValue, double.MaxValue);
        for (var window = 0; window < 6 && busy > 0.05; window++)
        {
            var before = await BusySecondsAsync(devTools);
            var updates = await UpdatesAsync(page.Page, 3);
            var after = await BusySecondsAsync(devTools);
            (busy, script) = (Math.Min(busy, (after.Task - before.Task) / updates), Math.Min(script, (after.Script - before.Script) / updates));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{1000 * busy:0.0} ms for an update, {1000 * script:0.0} ms of them scripts; {drawn} tiny charts are drawn");
        Assert.InRange(drawn, 4, 100);
        // An update comes once a second. A page that works less than a third of it still answers at once, on a slow machine too.
        Assert.InRange(busy, 0.000_1, 0.33);
    }

    // Counts the updates of the clock of the card.
    private static Task<int> UpdatesAsync(IPage page, int count) => page.EvaluateAsync<int>(
        """
        count => new Promise(done => {
            let seen = 0;
            const chart = document.querySelector('.card .chart .line');
            const observer = new MutationObserver(() => { if (++seen === count) { observer.disconnect(); done(seen); } });
            observer.observe(chart, { attributes: true, attributeFilter: ['d'] });
        })
        """,
        count);

    private static async Task<(double Task, double Script)> BusySecondsAsync(ICDPSession devTools)
    {
        var answer = await devTools.SendAsync("Performance.getMetrics");
        var metrics = answer!.Value.GetProperty("metrics").EnumerateArray()
            .ToDictionary(metric => metric.GetProperty("name").GetString()!, metric => metric.GetProperty("value").GetDouble());
        return (metrics["TaskDuration"], metrics["ScriptDuration"]);
    }
}
