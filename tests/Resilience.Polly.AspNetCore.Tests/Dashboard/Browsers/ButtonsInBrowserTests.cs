using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Resilience.Polly.AspNetCore.Tests;

public class ButtonsInBrowserTests(Browser browser)
{
    [Fact]
    public async Task Buttons_are_absent_by_default()
    {
        await using var app = await DashboardApp.StartAsync();
        await using var page = await OpenAsync(app, null);

        await Expect((await page.OpenCardAsync("payments")).Locator("button")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("chief", 2)]
    [InlineData("anna", 0)]
    public async Task Buttons_are_there_for_whoever_may_use_them(string user, int buttons)
    {
        await using var app = await DashboardApp.StartAsync(services: Users.Add, map: Users.MapWithButtons);
        await using var page = await OpenAsync(app, user);

        await Expect((await page.OpenCardAsync("payments")).Locator("button")).ToHaveCountAsync(buttons);
    }

    [Fact]
    public async Task Button_moves_the_circuit_once_it_is_confirmed()
    {
        await using var app = await DashboardApp.StartAsync(services: Users.Add, map: Users.MapWithButtons);
        await using var page = await OpenAsync(app, "chief");
        await page.OpenCardAsync("payments");
        var isolate = page.Page.GetByRole(AriaRole.Button, new() { Name = "Isolate payments" });

        await isolate.FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.Locator("#confirm")).ToContainTextAsync("Isolate payments?");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.Locator("#confirm")).ToBeHiddenAsync();
        await Expect(page.State("payments")).ToHaveTextAsync("Closed");

        await isolate.ClickAsync();
        await page.Page.Locator("#confirm-do").ClickAsync();
        await Expect(page.State("payments")).ToHaveTextAsync("Isolated");
        Assert.Contains("by chief", Assert.Single(app.Log.Lines), StringComparison.Ordinal);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Reset payments" }).ClickAsync();
        await page.Page.Locator("#confirm-do").ClickAsync();
        await Expect(page.State("payments")).ToHaveTextAsync("Closed");
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData("chief", 4)]
    [InlineData("anna", 0)]
    public async Task Each_partition_has_buttons_of_its_own_for_whoever_may_use_them(string user, int buttons)
    {
        await using var app = await TenantsAsync();
        await using var page = await OpenAsync(app, user);

        var partitions = (await page.OpenCardAsync("tenants")).Locator(".partitions");
        await Expect(partitions.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(partitions.Locator("button")).ToHaveCountAsync(buttons);
        await Expect(partitions.Locator("thead th")).ToHaveCountAsync(buttons > 0 ? 7 : 6);
    }

    [Fact]
    public async Task Button_of_a_partition_moves_its_circuit_alone_and_keeps_the_focus_when_its_row_moves()
    {
        await using var app = await TenantsAsync();
        await using var page = await OpenAsync(app, "chief");
        var card = await page.OpenCardAsync("tenants");
        var isolate = page.Page.GetByRole(AriaRole.Button, new() { Name = "Isolate b & c of tenants" });
        await Expect(card.Locator("tbody th")).ToHaveTextAsync(["a", "b & c"]);

        await isolate.ClickAsync();
        await Expect(page.Page.Locator("#confirm")).ToContainTextAsync("Isolate b & c of tenants?");
        await page.Page.GetByLabel("Until").SelectOptionAsync("10 minutes have passed");
        await page.Page.Locator("#confirm-do").ClickAsync();

        await Expect(card.Locator("tbody th")).ToHaveTextAsync(["b & c", "a"]);
        await Expect(card.Locator("tbody tr td:first-child")).ToHaveTextAsync(["Isolated", "Closed"]);
        await Expect(card.Locator(".answer")).ToHaveTextAsync("b & c of tenants is isolated.");
        await Expect(isolate).ToBeFocusedAsync();
        await Expect(card.Locator(".reason")).ToContainTextAsync("isolated by hand for 10 min");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Reset b & c of tenants" }).ClickAsync();
        await Expect(page.Page.GetByLabel("Until")).ToBeHiddenAsync();
        await page.Page.Locator("#confirm-do").ClickAsync();
        await Expect(card.Locator("tbody tr td:first-child")).ToHaveTextAsync(["Closed", "Closed"]);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Button_says_why_nothing_was_moved()
    {
        await using var app = await DashboardApp.StartAsync(services: Users.Add, map: Users.MapWithButtons);
        await using var page = await OpenAsync(app, "chief");
        await page.OpenCardAsync("payments");
        await page.Page.Context.SetExtraHTTPHeadersAsync([KeyValuePair.Create(Users.Header, "anna")]);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Isolate payments" }).ClickAsync();
        await page.Page.Locator("#confirm-do").ClickAsync();

        await Expect(page.Card("payments").Locator(".answer")).ToContainTextAsync("You may not do this.");
        await Expect(page.State("payments")).ToHaveTextAsync("Closed");
    }

    private static async Task<DashboardApp> TenantsAsync()
    {
        var app = await DashboardApp.StartAsync(builder => builder.AddPipeline("tenants", options => options.PartitionBy = PartitionBy.Key), Users.Add, Users.MapWithButtons);
        await app.CallAsync("tenants", partition: "a");
        await app.CallAsync("tenants", partition: "b & c");
        return app;
    }

    private async Task<BrowserPage> OpenAsync(DashboardApp app, string? user)
    {
        var page = await browser.OpenAsync(
            new(app.Address, "/resilience"), new() { ExtraHTTPHeaders = user is null ? [] : [KeyValuePair.Create(Users.Header, user)] });
        await page.IsLiveAsync();
        return page;
    }
}
