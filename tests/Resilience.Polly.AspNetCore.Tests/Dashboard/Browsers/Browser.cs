using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Resilience.Polly.AspNetCore.Tests.Browser))]

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>The Chromium of the machine, started once for all tests. Nothing is downloaded: where there is none, the tests are skipped, and fail under CI.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Find() is not { } path)
        {
            return;
        }

        // Long enough for a machine that runs all tests at once; what must be quick says so itself.
        Assertions.SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    /// <summary>A window of its own, without cookies of others.</summary>
    public async Task<BrowserPage> OpenAsync(Uri address, BrowserNewContextOptions? options = null)
    {
        if (_browser is null)
        {
            var reason = $"There is no Chromium on the PATH ({string.Join(", ", Names)}).";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", reason);
            Assert.Fail(reason);
        }

        return await BrowserPage.OpenAsync(await _browser.NewContextAsync(options), address);
    }

    public async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
    }

    private static string? Find() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
         from name in Names
         let path = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)
         where File.Exists(path)
         select path).FirstOrDefault();
}
