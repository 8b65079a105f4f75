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

    private async Task<BrowserPage> OpenAsync(DashboardApp app, string? user)
    {
        var page = await browser.OpenAsync(
            new(app.Address, "/resilience"), new() { ExtraHTTPHeaders = user is null ? [] : [KeyValuePair.Create(Users.Header, user)] });
        await page.IsLiveAsync();
        return page;
    }
}
