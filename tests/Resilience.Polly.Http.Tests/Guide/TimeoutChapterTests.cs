using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Http.Tests.Guide;

/// <summary>The examples of the guide's chapter "Pattern 1: Timeout Pattern", line by line.</summary>
public class TimeoutChapterTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void Types_of_timeouts()
    {
        // timeout_config = TimeoutConfig(connect=10.0, read=30.0, write=15.0, pool=5.0)
        var timeout = new TimeoutOptions();
        Assert.Equal(
            (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(5)),
            (timeout.Connect, timeout.Read, timeout.Write, timeout.Pool));
    }

    [Fact]
    public async Task Connection_timeout()
    {
        // Service is down - connection timeout saves you
        using var down = new DeafServer();
        await using var app = new HttpApp(o => (o.BaseAddress, o.Timeout.Connect) = (down.Address, Short));
        var client = app.Client;
        var said = "";
        try
        {
            using var response = await client.GetAsync("/api/data");
        }
        catch (ApiTimeoutException)
        {
            said = "Service unreachable - failing fast instead of hanging";
        }

        Assert.NotEmpty(said);
    }

    [Fact]
    public async Task Read_timeout()
    {
        // Complex report generation - read timeout prevents hanging
        await using var slow = new ScriptedServer(Reply.Silence);
        await using var app = new HttpApp(o => (o.BaseAddress, o.Timeout.Read) = (slow.Address, Short));
        var client = app.Client;
        var said = "";
        try
        {
            using var report = await client.GetAsync("/api/reports/annual");
        }
        catch (ApiTimeoutException timeout) when (timeout.Phase == TimeoutPhase.Read)
        {
            said = "Report generation too slow - try async generation instead";
        }

        Assert.NotEmpty(said);
    }

    [Fact]
    public async Task Write_timeout()
    {
        // Large file upload - write timeout prevents hanging on slow uploads
        await using var stuck = new ScriptedServer(Reply.Unread);
        await using var app = new HttpApp(o => (o.BaseAddress, o.Timeout.Write) = (stuck.Address, Short));
        var client = app.Client;
        using var largeFile = new StreamContent(new MemoryStream(new byte[32 << 20]));
        var said = "";
        try
        {
            using var result = await client.PostAsync("/api/upload", new MultipartFormDataContent { { largeFile, "file", "large.bin" } });
        }
        catch (ApiTimeoutException timeout) when (timeout.Phase == TimeoutPhase.Write)
        {
            said = "Upload too slow - consider chunked upload or async processing";
        }

        Assert.NotEmpty(said);
    }

    [Fact]
    public async Task Pool_timeout()
    {
        // High traffic - pool timeout prevents resource exhaustion
        var gate = new TaskCompletionSource();
        var inside = new TaskCompletionSource();
        await using var popular = await WebServer.StartAsync(async context =>
        {
            inside.TrySetResult();
            await gate.Task;
            await context.Response.WriteAsync("at last");
        });
        await using var app = new HttpApp(o => (o.BaseAddress, o.Timeout.Pool) = (popular.Address, Short), HttpApp.Speaking(1, maxConnections: 1));
        var client = app.Client;
        var traffic = client.GetAsync("/api/popular-endpoint");
        await inside.Task;
        var said = "";
        try
        {
            using var response = await client.GetAsync("/api/popular-endpoint");
        }
        catch (ApiTimeoutException)
        {
            said = "Connection pool saturated - implement backpressure";
        }

        Assert.NotEmpty(said);
        gate.SetResult();
        (await traffic).Dispose();
    }

    [Fact]
    public async Task Progressive_timeout_strategy_by_hand()
    {
        await using var server = new ScriptedServer(Reply.Silence, Reply.Silence, Reply.Ok("finally"));
        await using var app = new HttpApp(o => o.BaseAddress = server.Address);
        var client = app.Client;
        Assert.Equal("finally", await AdaptiveTimeoutRequestAsync("/api/slow", Short));
        Assert.Equal(3, server.Requests.Count);

        async Task<string> AdaptiveTimeoutRequestAsync(string url, TimeSpan baseTimeout)
        {
            for (var attempt = 0; ; attempt++)
            {
                var currentTimeout = baseTimeout * (1 + (attempt * 0.5)); // 1x, 1.5x, 2x
                try
                {
                    using var response = await client.GetAsync(url, options: new() { ReadTimeout = currentTimeout });
                    return await response.Content.ReadAsStringAsync();
                }
                catch (ApiTimeoutException timeout) when (attempt < 2)
                {
                    Assert.Equal(currentTimeout, timeout.Limit);
                }
            }
        }
    }

    [Fact]
    public async Task Progressive_timeout_strategy_by_setting()
    {
        await using var server = new ScriptedServer(Reply.Silence, Reply.Silence, Reply.Ok("finally"));
        await using var app = new HttpApp(o =>
        {
            o.BaseAddress = server.Address;
            o.Timeout.Read = Short;
            o.Timeout.ProgressiveStep = 0.5; // 1x, 1.5x, 2x
            o.Retry.MaxAttempts = 3;
        });
        using var response = await app.Client.GetAsync("/api/slow");
        Assert.Equal("finally", await response.Content.ReadAsStringAsync());
    }
}
