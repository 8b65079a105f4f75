using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace Resilience.Polly.AspNetCore.Tests;

public class PageInBrowserTests(Browser browser)
{
    [Theory]
    [InlineData("", "/resilience")]
    [InlineData("", "/resilience/")]
    [InlineData("/shop", "/shop/resilience")]
    public async Task Page_loads_without_a_complaint_and_asks_nobody_else(string pathBase, string path)
    {
        await using var app = await DashboardApp.StartAsync(map: app =>
        {
            app.UsePathBase(pathBase);
            app.UseRouting();
            app.MapResilienceDashboard();
        });

        await using var page = await browser.OpenAsync(new(app.Address, path));
        await page.IsLiveAsync();

        await Expect(page.Rows).ToHaveCountAsync(2);
        Assert.Empty(page.Complaints);
        Assert.All(page.Requests, request => Assert.Equal(app.Address.Authority, request.Authority));
        Assert.All(page.Requests, request => Assert.StartsWith($"{pathBase}/resilience", request.AbsolutePath, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Opened_circuit_is_shown_within_2_seconds_and_comes_first()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);
        await Expect(page.Names.First).ToHaveTextAsync("payments");

        await app.OpenAsync("search");

        await Expect(page.State("search")).ToHaveTextAsync("Open", new() { Timeout = 2_000 });
        await Expect(page.Names.First).ToHaveTextAsync("search");
        await page.OpenCardAsync("search");
        await Expect(page.Card("search").Locator(".reason")).ToContainTextAsync("Probe in");
        await Expect(page.Card("search").Locator(".alerts")).ToContainTextAsync("Circuit not closed since ");
        await Expect(page.Page.Locator("#announcer")).ToContainTextAsync("search: circuit open");
        await Expect(page.Page).ToHaveTitleAsync("(1) Resilience · Storefront");
        await Expect(page.Page.Locator("#log li[data-kind=circuit]").First).ToContainTextAsync("search Circuit Closed to Open");
    }

    [Fact]
    public async Task Shared_circuit_and_slots_are_told_from_those_of_this_instance()
    {
        var state = new InMemorySharedState();
        await state.BeatAsync("other", TimeSpan.FromHours(1));
        await using var app = await DashboardApp.StartAsync(builder => builder
            .AddSharedState(state, options => options.InstanceName = "this")
            .AddPipeline("search")
            .AddPipeline("shared", o => (o.CircuitBreaker.FailureThreshold, o.CircuitBreaker.Shared, o.Bulkhead.Shared) = (1, true, true)));
        _ = app.Pipeline("shared");
        await using var page = await OpenAsync(app);
        await page.OpenCardAsync("shared");
        var lines = page.Card("shared").Locator(".shared");
        await Expect(lines).ToContainTextAsync("Circuit of all instances: Closed.");
        await Expect(lines).ToContainTextAsync("Slots of all instances: 20, held by this 1.");

        await app.OpenAsync("shared");
        await Expect(lines).ToContainTextAsync("Circuit of all instances: Closed. Open in this only.");
        await state.VoteAsync("SHARED", new() { Instance = "other", Epoch = 0, Quorum = 2, Break = TimeSpan.FromMinutes(5), Reason = "5 failures in a row" });
        await Expect(lines).ToContainTextAsync("Circuit of all instances: Open, by other: 5 failures in a row.");

        state.IsAvailable = false;
        await Expect(lines).ToContainTextAsync("The shared state does not answer: this instance decides alone.", new() { Timeout = 20_000 });

        await page.OpenCardAsync("search");
        await Expect(page.Card("search").Locator(".shared")).ToBeHiddenAsync();
        Assert.Empty(page.Complaints);
    }

    [Fact(Timeout = 120_000)]
    public async Task Shedding_and_adaptive_slots_are_shown_with_their_reason()
    {
        var load = new FakeLoad();
        load.Set(cpu: 0.92, memory: 0.5);
        await using var app = await DashboardApp.StartAsync(
            builder => builder.AddLoadShedding().AddPipeline("search", o =>
            {
                (o.LoadShedding.Enabled, o.LoadShedding.Share) = (true, 0.01);
                (o.Bulkhead.Adaptive.Policy, o.Bulkhead.Adaptive.Interval, o.Bulkhead.Adaptive.MinimumAttempts) =
                    (AdaptivePolicy.ErrorRate, TimeSpan.FromMilliseconds(100), 1);
            }),
            services => services.AddSingleton<ILoadReader>(load));
        await using var page = await OpenAsync(app);

        var monitor = app.Services.GetRequiredService<IResilienceMonitor>();
        while (monitor.GetSnapshot("search").Bulkhead.LastLimitChange is null)
        {
            await app.CallAsync("search");
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        await Expect(page.Row("search").Locator(".mark")).ToHaveTextAsync("overload");
        await page.OpenCardAsync("search");
        await Expect(page.Card("search").Locator(".alerts")).ToContainTextAsync("Sheds calls: CPU at 92 %, above 80 %");
        await Expect(page.Card("search").Locator(".panel-note").Nth(3)).ToContainTextAsync("limit changed: 0 % of");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Lost_stream_is_told_and_found_again_when_the_server_is_back()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);
        var port = app.Address.Port;

        await app.DisposeAsync();
        await Expect(page.Page.Locator("#lost")).ToContainTextAsync("This data is from");
        await Expect(page.Page.Locator("#connection")).ToHaveTextAsync("Reconnecting");
        await using var again = await DashboardApp.StartAsync(port: port);

        await page.IsLiveAsync();
        await Expect(page.Page.Locator("#lost")).ToBeHiddenAsync();
        await again.OpenAsync("search");
        await Expect(page.State("search")).ToHaveTextAsync("Open");
    }

    [Fact]
    public async Task Filter_leaves_the_pipelines_with_this_in_their_name()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);

        await page.Page.Keyboard.PressAsync("/");
        await page.Page.Keyboard.TypeAsync("SEA");

        await Expect(page.Rows).ToHaveCountAsync(1);
        await Expect(page.Names).ToHaveTextAsync("search");
        await Expect(page.Page.Locator("#shown")).ToHaveTextAsync("1 of 2 shown");
        await page.Page.Locator("#filter").FillAsync("nothing");
        await Expect(page.Page.Locator("#empty")).ToHaveTextAsync("No pipeline has this in its name.");
        await page.Page.Locator("#filter").FillAsync("");
        await Expect(page.Rows).ToHaveCountAsync(2);
        await page.Page.Locator("#attention").CheckAsync();
        await Expect(page.Page.Locator("#empty")).ToHaveTextAsync("No pipeline needs attention.");
    }

    [Fact]
    public async Task Filter_leaves_the_events_of_the_pipelines_with_this_in_their_name()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);
        var events = page.Page.Locator("#log li:visible strong");
        app.Circuits.Isolate("search");
        app.Circuits.Isolate("payments");
        await Expect(events).ToHaveCountAsync(2);

        await page.Page.Locator("#filter").FillAsync("sea");
        await Expect(events).ToHaveTextAsync(["search"]);

        // What comes later is filtered too.
        app.Circuits.Reset("payments");
        app.Circuits.Reset("search");
        await Expect(events).ToHaveTextAsync(["search", "search"]);
        await page.Page.Locator("#filter").FillAsync("nothing");
        await Expect(page.Page.Locator("#log-empty")).ToHaveTextAsync("Nothing has happened to pipelines with this in their name.");
        await page.Page.Locator("#filter").FillAsync("");
        await Expect(events).ToHaveCountAsync(4);
    }

    [Fact]
    public async Task Event_that_is_told_late_stands_where_it_belongs()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);

        await page.Page.EvaluateAsync(
            """
            async () => {
                const { addToLog } = await import(document.querySelector('script').src.replace('main.js', 'log.js'));
                const entry = (number, at, text) => ({ number, at, pipeline: 'search', kind: 'retry', level: 'warn', text });
                addToLog([entry(1, 1000, 'first'), entry(2, 9000, 'last')]);
                addToLog([entry(2, 9000, 'twice'), entry(3, 5000, 'late')]);
            }
            """);

        await Expect(page.Page.Locator("#log li p")).ToHaveTextAsync(["search last", "search late", "search first"]);
    }

    [Fact]
    public async Task Application_without_pipelines_says_so()
    {
        await using var app = await DashboardApp.StartAsync(_ => { });
        await using var page = await OpenAsync(app);

        await Expect(page.Page.Locator("#empty")).ToContainTextAsync("no pipelines yet");
    }

    [Fact]
    public async Task Keyboard_reaches_the_values_of_the_charts_and_the_settings()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);
        var card = page.Card("payments");

        // Skip link, then the tools, then the first line, then its pin, then what is in its card.
        await page.Page.Keyboard.PressAsync("Tab");
        await Expect(page.Page.Locator(".skip")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        for (var i = 0; i < 3; i++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
        }

        await Expect(page.Link("payments")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(card).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.PressAsync("Tab");
        await Expect(card.Locator(".panels")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(card.Locator(".moment")).ToContainTextAsync("circuit closed: ended 0, failed 0, rejected 0; retried 0 %; p50 0 ms");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(card.Locator(".moment")).ToBeHiddenAsync();

        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(card.Locator(".pairs div", new() { HasText = "CircuitBreaker:FailureThreshold" }).Locator("dd")).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task Chart_shows_the_values_under_the_pointer_and_says_in_words_what_it_shows()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);
        var chart = (await page.OpenCardAsync("payments")).Locator(".chart").First;
        await Expect(chart).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("^Calls, per second, last 5 min: now 0/s; ended up to 0,"));

        await chart.HoverAsync();

        await Expect(page.Card("payments").Locator(".moment")).ToBeVisibleAsync();
        await Expect(chart.Locator(".cross")).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("^M"));
        await Expect(page.Card("payments").Locator(".threshold-label:visible").First).ToHaveTextAsync("alert above 10 %");
    }

    [Fact]
    public async Task Line_of_a_chart_stays_beside_its_labels_when_samples_were_late()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);

        var left = await page.Page.EvaluateAsync<double>(
            """
            async () => {
                const { Chart } = await import(document.querySelector('script').src.replace('main.js', 'chart.js'));
                const chart = new Chart({ series: [{ key: 'calls', style: 'main' }], format: String });
                document.body.append(chart.node);
                chart.draw({ calls: [1, 2, 3], state: [1, 1, 1], times: [0, 20_000, 40_000], now: 40_000, span: 30_000, isWhole: true }, {}, 300, 100);
                const grid = chart.node.querySelector('.grid').getBBox().x;
                return Math.min(...[...chart.node.querySelectorAll('.line, .ground')].filter(path => path.getAttribute('d')).map(path => path.getBBox().x)) - grid;
            }
            """);

        Assert.Equal(0, left);
    }

    private async Task<BrowserPage> OpenAsync(DashboardApp app)
    {
        var page = await browser.OpenAsync(new(app.Address, "/resilience"));
        await page.IsLiveAsync();
        return page;
    }
}
