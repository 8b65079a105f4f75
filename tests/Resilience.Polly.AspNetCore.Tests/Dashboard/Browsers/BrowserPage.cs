using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>The dashboard in a window, with what the browser complained of and whom it asked.</summary>
public sealed class BrowserPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<Uri> _requests = new();

    private BrowserPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Errors and warnings of the console, and exceptions of scripts.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public IReadOnlyCollection<Uri> Requests => _requests;

    /// <summary>The lines of the list.</summary>
    public ILocator Rows => Page.Locator(".pipeline:visible");

    /// <summary>The names in the list, from top to bottom.</summary>
    public ILocator Names => Page.Locator(".pipeline:visible .name a");

    /// <summary>The card that is open.</summary>
    public ILocator Cards => Page.Locator(".card:visible");

    public static async Task<BrowserPage> OpenAsync(IBrowserContext context, Uri address)
    {
        var opened = new BrowserPage(context, await context.NewPageAsync());
        opened.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                opened._complaints.Enqueue(message.Text);
            }
        };
        opened.Page.PageError += (_, error) => opened._complaints.Enqueue(error);
        opened.Page.Request += (_, request) => opened._requests.Enqueue(new Uri(request.Url));
        await opened.Page.GotoAsync(address.ToString());
        return opened;
    }

    public ILocator Card(string name) => Page.Locator($".card[data-name='{name}']");

    public ILocator Row(string name) => Page.Locator($".pipeline[data-name='{name}'] > .row");

    public ILocator Link(string name) => Row(name).Locator(".name a");

    public ILocator State(string name) => Row(name).Locator(".state");

    public async Task<ILocator> OpenCardAsync(string name)
    {
        await Link(name).ClickAsync();
        await Assertions.Expect(Card(name)).ToBeVisibleAsync();
        return Card(name);
    }

    /// <summary>Waits until the page shows live data.</summary>
    public Task IsLiveAsync() => Assertions.Expect(Page.Locator("#connection")).ToHaveTextAsync("Live", new() { Timeout = 20_000 });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
