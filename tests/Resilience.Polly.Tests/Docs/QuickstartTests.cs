using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Resilience.Polly.Tests;

/// <summary>The sample Quickstart is what Getting started shows first, and it does what that page says.</summary>
public class QuickstartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Getting_started_shows_the_sample_first_and_whole() =>
        Assert.Equal(
            File.ReadAllText(Path.Combine(DocsPages.Root, "docs/samples/Quickstart/Program.cs")).ReplaceLineEndings("\n").TrimEnd(),
            DocsPages.Blocks.First(block => block is { Page: "docs/getting-started.md", Language: "csharp" }).Code);

    [Fact]
    public async Task Sample_answers_while_its_dependency_fails_and_shows_the_dashboard()
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        using var sample = Start(address);
        try
        {
            using var client = new HttpClient { BaseAddress = address };
            await AnsweringAsync(client, sample);

            Assert.Equal((7, null), await ProductAsync(client, "42"));
            Assert.Equal((null, "ApiUnavailableException"), await ProductAsync(client, "broken"));
            Assert.Equal((null, "ApiUnavailableException"), await ProductAsync(client, "broken"));
            Assert.Equal((null, "ApiUnavailableException"), await ProductAsync(client, "broken"));
            Assert.Equal((null, "CircuitOpenException"), await ProductAsync(client, "42"));

            using var dashboard = await client.GetAsync("/resilience/");
            Assert.Equal(HttpStatusCode.OK, dashboard.StatusCode);
        }
        finally
        {
            sample.Kill();
            await sample.WaitForExitAsync();
        }
    }

    private static async Task<(int? Count, string? Note)> ProductAsync(HttpClient client, string id)
    {
        var product = await client.GetFromJsonAsync<JsonElement>($"/products/{id}");
        return (product.GetProperty("count").Deserialize<int?>(), product.GetProperty("note").GetString());
    }

    private static Process Start(Uri address)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Quickstart.dll"), address.ToString() },
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Logging__LogLevel__Default"] = "None" },
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    // Until the program listens, a connection is refused.
    private static async Task AnsweringAsync(HttpClient client, Process sample)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync("/resilience/");
                return;
            }
            catch (HttpRequestException refused) when (refused.InnerException is SocketException)
            {
                Assert.False(sample.HasExited, sample.HasExited ? await sample.StandardError.ReadToEndAsync() : "");
                Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"The sample does not listen after {Patience}.");
                await Task.Delay(50);
            }
        }
    }
}
