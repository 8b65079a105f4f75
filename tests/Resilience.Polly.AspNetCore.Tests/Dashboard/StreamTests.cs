using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.AspNetCore.Tests;

public class StreamTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Stream_begins_with_the_whole_state_and_goes_on_with_what_changes()
    {
        await using var app = await DashboardApp.StartAsync(isClockFake: true);
        using var stream = await app.WatchAsync();

        var whole = await stream.NextAsync("whole");
        await app.OpenAsync("payments");
        app.Clock.Advance(Tick);
        var changed = await stream.NextAsync("tick");
        app.Clock.Advance(Tick);
        await stream.NextAsync("tick");
        app.Clock.Advance(Tick);
        var idle = await stream.NextAsync("tick");

        Assert.Equal(["payments", "search"], whole.GetProperty("pipelines").EnumerateArray().Select(pipeline => pipeline.GetProperty("name").GetString()!));
        Assert.Equal("20", whole.GetProperty("settings").GetProperty("search").GetProperty("Bulkhead:MaxConcurrency").GetString());
        var payments = Assert.Single(changed.GetProperty("pipelines").EnumerateArray());
        Assert.Equal("Open", payments.GetProperty("state").GetString());
        Assert.Equal(1, payments.GetProperty("failedPerSecond").GetDouble());
        Assert.Equal(app.Clock.GetUtcNow().AddSeconds(30 - 3).ToUnixTimeMilliseconds(), payments.GetProperty("probeAt").GetInt64());
        Assert.Empty(idle.GetProperty("pipelines").EnumerateArray());
    }

    [Fact]
    public async Task Stream_is_not_cached_not_buffered_and_not_compressed()
    {
        await using var app = await DashboardApp.StartAsync();

        using var stream = await app.WatchAsync();

        var headers = stream.Response.Headers;
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-store", headers.CacheControl!.ToString());
        Assert.Equal("no", Assert.Single(headers.GetValues("X-Accel-Buffering")));
        Assert.Equal("identity", Assert.Single(stream.Response.Content.Headers.ContentEncoding));
    }

    [Fact]
    public async Task History_has_the_states_by_the_numbers_that_the_page_knows()
    {
        await using var app = await DashboardApp.StartAsync(isClockFake: true);
        using var first = await app.WatchAsync();
        await first.NextAsync("whole");
        await app.OpenAsync("payments");
        app.Clock.Advance(Tick);
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        app.Circuits.Isolate("payments");
        app.Clock.Advance(Tick);

        using var second = await app.WatchAsync();
        var whole = await second.NextAsync("whole");

        var states = whole.GetProperty("history").GetProperty("payments").GetProperty("state").EnumerateArray().Select(state => state.GetInt32());
        Assert.Equal([0, 1, 2, 3], states.Distinct()); // Closed, Open, HalfOpen, Isolated
    }

    [Fact]
    public async Task Page_that_comes_later_gets_the_history()
    {
        await using var app = await DashboardApp.StartAsync(isClockFake: true, map: app => app.MapResilienceDashboard(configure: o => o.History = TimeSpan.FromSeconds(10)));
        using var first = await app.WatchAsync();
        await first.NextAsync("whole");
        for (var i = 0; i < 14; i++)
        {
            await app.CallAsync("payments");
            app.Clock.Advance(Tick);
        }

        using var second = await app.WatchAsync();
        var whole = await second.NextAsync("whole");

        var payments = whole.GetProperty("history").GetProperty("payments");
        Assert.Equal(10, payments.GetProperty("points").GetInt32());
        Assert.Equal(10, whole.GetProperty("times").GetArrayLength());
        Assert.Equal(1, payments.GetProperty("callsPerSecond").GetDouble()); // ten times the same is one number
        Assert.Equal(0, whole.GetProperty("history").GetProperty("search").GetProperty("callsPerSecond").GetDouble());
    }

    [Fact]
    public async Task Page_beyond_the_limit_is_told_to_come_back()
    {
        await using var app = await DashboardApp.StartAsync(map: app => app.MapResilienceDashboard(configure: o => o.MaxStreams = 1));
        using (var first = await app.WatchAsync())
        {
            await first.NextAsync("whole");

            using var second = await app.Client.GetAsync("/resilience/stream");

            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(10), second.Headers.RetryAfter!.Delta);
        }

        await EventuallyAsync(async () =>
        {
            using var third = await app.WatchAsync();
            return third.Response.IsSuccessStatusCode;
        });
    }

    [Fact]
    public async Task Stream_ends_when_the_application_stops()
    {
        await using var app = await DashboardApp.StartAsync();
        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");
        var began = TimeProvider.System.GetTimestamp();

        await app.DisposeAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5)); // the host would wait 10 for it
    }

    [Fact]
    public async Task Page_that_stops_reading_is_dropped_and_gives_its_place_back()
    {
        await using var app = await DashboardApp.StartAsync(
            pipelines: builder => Many(builder, 200), isClockFake: true, map: app => app.MapResilienceDashboard(configure: o => o.MaxStreams = 1));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(IPAddress.Loopback, app.Address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /resilience/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var status = new byte[12];
        Assert.Equal(status.Length, await socket.ReceiveAsync(status));
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(status)); // it is in, and reads no more

        await EventuallyAsync(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await app.CallAsync($"service-{i}");
            }

            app.Clock.Advance(Tick);

            // By the queue that is full, or on a slow machine by Kestrel, which ends what is not read for five seconds.
            using var other = await app.WatchAsync();
            return other.Response.IsSuccessStatusCode;
        });
        Assert.True(socket.Connected);
    }

    internal static void Many(IResilienceBuilder builder, int count)
    {
        for (var i = 0; i < count; i++)
        {
            builder.AddPipeline($"service-{i}");
        }
    }

    internal static async Task EventuallyAsync(Func<Task<bool>> isSo)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < DashboardApp.Patience, "It does not come to pass.");
            await Task.Delay(10);
        }
    }
}
