using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.AspNetCore.Tests;

public class EventLogTests
{
    [Fact]
    public async Task Retries_of_one_pipeline_are_one_line_in_ten_seconds_and_changes_a_line_each()
    {
        await using var app = await DashboardApp.StartAsync(
            builder => builder.AddPipeline("payments", options =>
            {
                options.Retry.MinWait = TimeSpan.Zero;
                options.Retry.MaxWait = TimeSpan.Zero;
                options.CircuitBreaker.FailureThreshold = 3;
                options.Alerts.MinimumCalls = 1;
                options.Alerts.Hold = TimeSpan.Zero;
            }),
            isClockFake: true);
        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");

        for (var i = 0; i < 4; i++)
        {
            await app.OpenAsync("payments"); // three times with two retries, then rejected
        }

        // Events are told off the thread of the call: they come with this tick or a later one.
        var log = new List<JsonElement>();
        await StreamTests.EventuallyAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            log.AddRange((await stream.NextAsync("tick")).GetProperty("log").EnumerateArray());
            return log.Any(entry => IsOf(entry, "rejection")) && log.Any(entry => IsOf(entry, "alert")) && log.Where(entry => IsOf(entry, "retry")).Sum(Retries) >= 6;
        });

        var text = string.Join('\n', log.Select(entry => $"{entry.GetProperty("level")} {entry.GetProperty("text")}").Order(StringComparer.Ordinal));
        Assert.Contains("bad Circuit Closed to Open: ", text, StringComparison.Ordinal);
        Assert.Matches("warn Alert: payments: .* % of the calls of the last minute needed a retry", text);
        Assert.DoesNotContain("Alert: payments: the circuit", text, StringComparison.Ordinal); // told by the change of the circuit
        Assert.Contains("rejection: circuit not closed", text, StringComparison.Ordinal);
        var retries = log.Where(entry => IsOf(entry, "retry")).ToList();
        Assert.Equal(6, retries.Sum(Retries));
        Assert.InRange(retries.Count, 1, 2);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.All(retries, entry => Assert.EndsWith("HTTP 503", entry.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Page_that_comes_later_gets_what_has_happened()
    {
        await using var app = await DashboardApp.StartAsync(isClockFake: true);
        using var first = await app.WatchAsync();
        await first.NextAsync("whole");
        app.Circuits.Isolate("search");
        await StreamTests.EventuallyAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await first.NextAsync("tick")).GetProperty("log").GetArrayLength() > 0;
        });

        using var second = await app.WatchAsync();
        var whole = await second.NextAsync("whole");

        Assert.Contains(whole.GetProperty("log").EnumerateArray(), entry => entry.GetProperty("text").GetString()!.StartsWith("Circuit Closed to Isolated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Address_is_shown_without_its_query()
    {
        await using var app = await DashboardApp.StartAsync(builder => builder.AddPipeline("payments", o => o.BaseAddress = new Uri("https://bank.internal/v1/?key=secret")));
        using var stream = await app.WatchAsync();

        var whole = await stream.NextAsync("whole");

        Assert.Equal("https://bank.internal/v1/", whole.GetProperty("settings").GetProperty("payments").GetProperty("BaseAddress").GetString());
        Assert.DoesNotContain("secret", whole.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Advice_comes_with_the_whole_state()
    {
        await using var app = await DashboardApp.StartAsync(builder => builder.AddPipeline("payments", o => o.Retry.Jitter = false));
        using var stream = await app.WatchAsync();

        var whole = await stream.NextAsync("whole");

        Assert.Contains(whole.GetProperty("advice").EnumerateArray(), advice => advice.GetProperty("setting").GetString() == "Retry:Jitter");
    }

    [Fact]
    public async Task Advice_from_the_calls_comes_with_a_tick_and_goes_with_one()
    {
        await using var app = await DashboardApp.StartAsync(
            builder => builder.AddPipeline("payments", o => (o.Retry.MaxAttempts, o.CircuitBreaker.FailureThreshold, o.CircuitBreaker.RecoveryTimeout) = (1, 2, TimeSpan.FromMilliseconds(10))),
            isClockFake: true);
        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");
        var (came, went) = (0, 0);
        for (var second = 0; second < 240 && went == 0; second++)
        {
            // Three in ten calls fail, for a minute, and never two in a row: a probe that fails would leave no good call.
            for (var call = 0; second < 60 && call < 10; call++)
            {
                await app.CallAsync("payments", call % 3 == 1 ? new HttpRequestException() : null);
            }

            app.Clock.Advance(TimeSpan.FromSeconds(1));
            var tick = await stream.NextAsync("tick");
            if (tick.TryGetProperty("advice", out var advice))
            {
                var observed = advice.EnumerateArray().Count(one => one.GetProperty("isObserved").GetBoolean() && one.GetProperty("id").GetString() == "circuit-opens-by-chance");
                (came, went) = (came + observed, went + (came > 0 && observed == 0 ? 1 : 0));
            }
        }

        Assert.Equal((1, 1), (came, went));
    }

    private static bool IsOf(JsonElement entry, string kind) => entry.GetProperty("kind").GetString() == kind;

    private static int Retries(JsonElement entry) => int.Parse(entry.GetProperty("text").GetString()!.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
