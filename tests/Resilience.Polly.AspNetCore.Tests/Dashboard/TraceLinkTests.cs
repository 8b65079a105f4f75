using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Polly;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>The link of an event to its trace.</summary>
public class TraceLinkTests
{
    [Theory]
    [InlineData("https://traces.internal/{requestId}", "order 7/8?&#\"<", "https://traces.internal/order%207%2F8%3F%26%23%22%3C")]
    [InlineData("/traces/{requestId}?from={requestId}", "é", "/traces/%C3%A9?from=%C3%A9")]
    [InlineData("{requestId}", "javascript:alert(1)", "javascript%3Aalert%281%29")]
    [InlineData("https://traces.internal/{requestId}", "{traceId}", "https://traces.internal/%7BtraceId%7D")]
    [InlineData("/traces/{requestId}", "..", null)]
    [InlineData("/traces/{requestId}", ".", null)]
    [InlineData("/traces/{requestId}", "", null)]
    [InlineData("/traces/{requestId}", null, null)]
    [InlineData("/traces/{traceId}", "order-7", null)]
    [InlineData(null, "order-7", null)]
    public async Task Event_has_the_address_of_its_trace_with_its_id_encoded(string? template, string? requestId, string? expected)
    {
        var entry = await CircuitEntryAsync(template, requestId);

        Assert.Equal(expected, entry.TryGetProperty("trace", out var trace) ? trace.GetString() : null);
    }

    [Fact]
    public async Task Event_has_the_address_of_its_trace_by_the_id_of_the_trace()
    {
        using var activity = new Activity("order").SetIdFormat(ActivityIdFormat.W3C).Start();

        var entry = await CircuitEntryAsync("https://traces.internal/{traceId}?id={requestId}", "order-7");

        Assert.Equal($"https://traces.internal/{activity.TraceId.ToHexString()}?id=order-7", entry.GetProperty("trace").GetString());
    }

    [Fact]
    public async Task Id_that_is_too_long_for_an_address_is_in_none()
    {
        var entry = await CircuitEntryAsync("/traces/{requestId}", new string('x', 201));

        Assert.False(entry.TryGetProperty("trace", out _));
    }

    private static async Task<JsonElement> CircuitEntryAsync(string? template, string? requestId)
    {
        await using var app = await DashboardApp.StartAsync(isClockFake: true, map: app => app.MapResilienceDashboard(configure: options => options.TraceUrl = template));
        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");
        var context = ResilienceContextPool.Shared.Get();
        if (requestId is not null)
        {
            context.Properties.Set(CallProperties.RequestId, requestId);
        }

        await Assert.ThrowsAnyAsync<ApiCallException>(async () => await app.Pipeline("payments").ExecuteAsync(
            static _ => throw new HttpRequestException("down", null, HttpStatusCode.ServiceUnavailable), context));
        ResilienceContextPool.Shared.Return(context);

        JsonElement? found = null;
        await StreamTests.EventuallyAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            var log = (await stream.NextAsync("tick")).GetProperty("log").EnumerateArray().Where(entry => entry.GetProperty("kind").GetString() == "circuit").ToList();
            found ??= log.Count > 0 ? log[0] : null;
            return found is not null;
        });
        return Assert.NotNull(found);
    }
}
