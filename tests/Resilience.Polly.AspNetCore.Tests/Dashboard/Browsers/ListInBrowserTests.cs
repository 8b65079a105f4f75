using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Polly;
using static Microsoft.Playwright.Assertions;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>The list of pipelines, and the card that opens from it.</summary>
public partial class ListInBrowserTests(Browser browser)
{
    [Fact]
    public async Task Card_has_an_address_and_the_back_button_closes_it()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);
        await Expect(page.Cards).ToHaveCountAsync(0);

        await page.OpenCardAsync("search");
        await Expect(page.Page).ToHaveURLAsync(AddressOfSearch());
        await page.OpenCardAsync("payments");
        await Expect(page.Cards).ToHaveCountAsync(1);
        await page.Page.GoBackAsync();
        await Expect(page.Card("search")).ToBeVisibleAsync();
        await Expect(page.Card("payments")).ToBeHiddenAsync();
        await page.Page.GoBackAsync();
        await Expect(page.Cards).ToHaveCountAsync(0);
        await page.Page.GoForwardAsync();
        await Expect(page.Card("search")).ToBeVisibleAsync();

        await using var linked = await OpenAsync(app, "#pipeline=payments");
        await Expect(linked.Card("payments")).ToBeVisibleAsync();
        await using var wrong = await OpenAsync(app, "#pipeline=%3Cb%3Enothing");
        await Expect(wrong.Page.Locator("#missing")).ToHaveTextAsync("There is no pipeline <b>nothing.");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Enter_opens_a_card_and_Escape_closes_it_and_gives_the_focus_back()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);

        await page.Link("payments").FocusAsync();
        await page.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Link("search")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Card("search")).ToBeVisibleAsync();
        await Expect(page.Link("search")).ToHaveAttributeAsync("aria-expanded", "true");

        // From anywhere inside it, after the charts have taken the key for themselves.
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.PressAsync("Tab");
        await Expect(page.Card("search").Locator("summary").First).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Cards).ToHaveCountAsync(0);
        await Expect(page.Link("search")).ToBeFocusedAsync();
        await Expect(page.Link("search")).ToHaveAttributeAsync("aria-expanded", "false");

        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Card("search")).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Cards).ToHaveCountAsync(0);
        await page.Row("search").Locator(".rate").ClickAsync();
        await Expect(page.Card("search")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Order_waits_while_somebody_points_at_the_list()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);
        await Expect(page.Names).ToHaveTextAsync(["payments", "search"]);

        await page.Row("payments").HoverAsync();
        await app.OpenAsync("search");
        await Expect(page.State("search")).ToHaveTextAsync("Open");
        await Expect(page.Page.Locator("#held")).ToBeVisibleAsync();
        await Expect(page.Names).ToHaveTextAsync(["payments", "search"]);

        await page.Page.Locator("h1").HoverAsync();
        await Expect(page.Names).ToHaveTextAsync(["search", "payments"]);
        await Expect(page.Page.Locator("#held")).ToBeHiddenAsync();

        await page.Link("search").FocusAsync();
        app.Circuits.Reset("search");
        app.Circuits.Isolate("payments");
        await Expect(page.State("payments")).ToHaveTextAsync("Isolated");
        await Expect(page.Names).ToHaveTextAsync(["search", "payments"]);
    }

    /// <summary>The rules of the order, with random ranks, pins, hands on the list and pipelines that come and go.</summary>
    [Fact]
    public async Task Order_keeps_equals_in_place_and_rests_after_a_move()
    {
        var seed = Environment.TickCount;
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);

        var fault = await page.Page.EvaluateAsync<string?>(
            """
            async seed => {
                const { Order } = await import(document.querySelector('script').src.replace('main.js', 'order.js'));
                const chance = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
                const pick = (...values) => values[Math.floor(chance() * values.length)];
                const order = new Order();
                const places = new Map();
                let shown = [], now = 0, movedAt = -Infinity;
                const key = name => [places.get(name).isPinned ? 0 : 1, -places.get(name).rank, ['Critical', 'Standard', 'Background'].indexOf(places.get(name).importance)];
                const compare = (left, right) => key(left).map((value, index) => value - key(right)[index]).find(value => value !== 0) ?? 0;
                for (let step = 0; step < 5000; step++) {
                    now += Math.floor(chance() * 3000);
                    const name = `p${Math.floor(chance() * 12)}`;
                    if (chance() < 0.1) places.delete(name);
                    else places.set(name, { isPinned: chance() < 0.1, rank: pick(0, 0, 0, 1, 2, 3, 4), importance: pick('Critical', 'Standard', 'Standard', 'Background') });
                    const isInUse = chance() < 0.3;
                    const isFirst = shown.length === 0;
                    const before = shown.filter(name => places.has(name));
                    const fresh = [...places.keys()].filter(name => !before.includes(name)).sort();
                    shown = order.update(places, now, isInUse);
                    const kept = shown.filter(name => before.includes(name));
                    const hasMoved = !isFirst && shown.some((name, index) => name !== [...before, ...fresh][index]);
                    const isSorted = shown.every((name, index) => index === 0 || compare(shown[index - 1], name) <= 0);
                    if (shown.length !== places.size || new Set(shown).size !== shown.length) return `step ${step}: not each pipeline once`;
                    if (hasMoved && isInUse) return `step ${step}: moved under the mouse`;
                    if (hasMoved && now - movedAt < 5000) return `step ${step}: moved after ${now - movedAt} ms`;
                    if (hasMoved && !isSorted) return `step ${step}: moved into a wrong order`;
                    if (!isInUse && now - movedAt >= 5000 && !isSorted) return `step ${step}: did not move`;
                    for (let i = 0; i < before.length; i++)
                        for (let j = i + 1; j < before.length; j++)
                            if (compare(before[i], before[j]) === 0 && kept.indexOf(before[i]) > kept.indexOf(before[j])) return `step ${step}: equals changed places`;
                    if (hasMoved) movedAt = now;
                }
                return null;
            }
            """,
            seed);

        Assert.True(fault is null, $"seed {seed}: {fault}");
    }

    [Fact]
    public async Task Pin_keeps_a_pipeline_on_top_and_is_remembered()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app);
        var pin = page.Page.GetByRole(AriaRole.Button, new() { Name = "Keep search on top" });

        await pin.FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Names).ToHaveTextAsync(["search", "payments"]);
        await Expect(pin).ToBeFocusedAsync();
        await Expect(pin).ToHaveAttributeAsync("aria-pressed", "true");

        await page.Page.ReloadAsync();
        await page.IsLiveAsync();
        await Expect(page.Names).ToHaveTextAsync(["search", "payments"]);
        await pin.ClickAsync();
        await page.Page.ReloadAsync();
        await Expect(page.Names).ToHaveTextAsync(["payments", "search"]);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Durations_and_times_are_written_as_people_write_them()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await browser.OpenAsync(new(app.Address, "/resilience"), new() { TimezoneId = "Asia/Kolkata" });
        await page.IsLiveAsync();

        var texts = await page.Page.EvaluateAsync<string[]>(
            """
            async () => {
                const { clock, duration, readable } = await import(document.querySelector('script').src.replace('main.js', 'format.js'));
                const day = new Date(); day.setHours(9, 5, 7, 0);
                return [
                    ...[0, 0.25, 7.25, 200, 999.7, 1400, 9960, 59600, 90000, 120000, 599800, 1800000, 3599000, 5400000, 259200000].map(duration),
                    ...['00:00:00.2000000', '00:00:01.4', '00:02:00', '00:01:30', '1.00:00:00', '01:00:00.5', '00:00:00', 'at least 00:00:30', '12', '10.0.0.1:8080', 'https://host:00:11'].map(readable),
                    clock(day.getTime()), clock(Date.UTC(2026, 0, 2, 3, 4, 5)),
                ];
            }
            """);

        Assert.Equal(
            [
                "0 ms", "0.25 ms", "7.3 ms", "200 ms", "1 s", "1.4 s", "10 s", "1 min", "1 min 30 s", "2 min", "10 min", "30 min", "1 h", "1 h 30 min", "3 days",
                "200 ms", "1.4 s", "2 min", "1 min 30 s", "1 day", "1 h 0.5 s", "0 ms", "at least 30 s", "12", "10.0.0.1:8080", "https://host:00:11",
                "09:05:07 GMT+5:30", "2 Jan, 08:34:05 GMT+5:30",
            ],
            texts);
        var card = await page.OpenCardAsync("payments");
        await card.Locator("summary", new() { HasText = "Settings in force" }).ClickAsync();
        var timeout = card.Locator(".pairs div", new() { HasText = "Timeout:Read" }).Locator("dd");
        await Expect(timeout).ToHaveTextAsync("30 s");
        await Expect(timeout).ToHaveAttributeAsync("title", "00:00:30");
        await Expect(page.Page.Locator("#since")).ToHaveTextAsync(new Regex(@"^Recording since \d\d:\d\d:\d\d GMT\+5:30$"));
        await Expect(card.Locator(".chart").First).ToContainTextAsync(new Regex(@"recording since \d\d:\d\d:\d\d GMT\+5:30"));
    }

    [Fact]
    public async Task Alert_tells_its_peak_and_when_it_ends_and_afterwards_that_it_is_over()
    {
        await using var app = await DashboardApp.StartAsync(builder => builder.AddPipeline("search", o =>
        {
            (o.Bulkhead.MaxConcurrency, o.Alerts.Hold) = (10, TimeSpan.FromMilliseconds(100));
        }));
        await using var page = await OpenAsync(app);
        var end = new TaskCompletionSource();
        var calls = Enumerable.Range(0, 9).Select(_ => HoldAsync(app.Pipeline("search"), end.Task)).ToList();

        await Expect(page.Row("search").Locator(".mark")).ToHaveTextAsync("slots");
        calls.Add(HoldAsync(app.Pipeline("search"), end.Task));
        var alert = (await page.OpenCardAsync("search")).Locator(".alerts");
        await Expect(alert).ToContainTextAsync(new Regex(@"The share of slots in use rose above 80 % at \d\d:\d\d:\d\d UTC, peak 100 %\. The alert ends at 64 % or less for 100 ms\."));
        await Expect(page.Page.Locator(".pipeline[data-name=search]")).ToHaveAttributeAsync("data-edge", "warn");
        end.SetResult();
        await Task.WhenAll(calls);

        await Expect(alert).ToBeEmptyAsync();
        await Expect(page.Page.Locator("#log li[data-kind=alert]").First).ToContainTextAsync(
            new Regex(@"search Alert is over after \d+ s: up to 100 % of the slots were in use, more than 80 %"));
    }

    [Fact]
    public async Task Event_links_to_its_trace_where_the_application_says_where()
    {
        await using var app = await DashboardApp.StartAsync(map: app => app.MapResilienceDashboard(configure: o => o.TraceUrl = "https://traces.example/{requestId}"));
        await using var without = await DashboardApp.StartAsync();
        foreach (var one in new[] { app, without })
        {
            var context = ResilienceContextPool.Shared.Get();
            context.Properties.Set(CallProperties.RequestId, "order <7>");
            await Assert.ThrowsAnyAsync<ApiCallException>(async () => await one.Pipeline("payments").ExecuteAsync(
                static _ => throw new HttpRequestException("down", null, HttpStatusCode.ServiceUnavailable), context));
        }

        await using var page = await OpenAsync(app);
        await using var plain = await OpenAsync(without);

        var link = page.Page.Locator("#log li[data-kind=circuit] a");
        await Expect(link).ToHaveAttributeAsync("href", "https://traces.example/order%20%3C7%3E");
        await Expect(link).ToHaveAttributeAsync("rel", "noopener noreferrer");
        await Expect(plain.Page.Locator("#log li[data-kind=circuit]")).ToHaveCountAsync(1);
        await Expect(plain.Page.Locator("#log a")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Partitions_are_rows_in_the_card_with_the_open_ones_first()
    {
        await using var app = await DashboardApp.StartAsync(builder => builder
            .AddPipeline("tenants", o => (o.PartitionBy, o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts) = (PartitionBy.Key, 1, 1))
            .AddPipeline("search"));
        await app.CallAsync("tenants", partition: "a-good-one");
        await app.CallAsync("tenants", new HttpRequestException("down", null, HttpStatusCode.ServiceUnavailable), "<b>bad</b>");
        await using var page = await OpenAsync(app);

        await Expect(page.Row("tenants").Locator(".mark")).ToHaveTextAsync(["1 of 2 circuits"]);
        var card = await page.OpenCardAsync("tenants");
        await Expect(card.Locator("caption")).ToHaveTextAsync("2 partitions, 1 circuit open or half-open");
        await Expect(card.Locator("tbody th")).ToHaveTextAsync(["<b>bad</b>", "a-good-one"]);
        await Expect(card.Locator("tbody tr").First.Locator("td").Nth(0)).ToHaveTextAsync("Open");
        await Expect(card.Locator("tbody tr").First.Locator("td").Nth(2)).ToHaveTextAsync("100 %");
        await Expect(card.Locator(".reason")).ToContainTextAsync("Partition <b>bad</b>.");
        await Expect(page.Page.Locator("#log li[data-kind=circuit]")).ToContainTextAsync("tenants (<b>bad</b>) Circuit Closed to Open");

        await Expect((await page.OpenCardAsync("search")).Locator(".partitions")).ToBeHiddenAsync();
        Assert.Empty(page.Complaints);
    }

    private static async Task HoldAsync(ResiliencePipeline pipeline, Task end) => await pipeline.ExecuteAsync(async _ => await end);

    private async Task<BrowserPage> OpenAsync(DashboardApp app, string hash = "")
    {
        var page = await browser.OpenAsync(new(app.Address, "/resilience" + hash));
        await page.IsLiveAsync();
        return page;
    }

    [GeneratedRegex("/resilience/#pipeline=search$")]
    private static partial Regex AddressOfSearch();
}
