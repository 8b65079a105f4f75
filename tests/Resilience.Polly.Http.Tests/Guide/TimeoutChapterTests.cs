using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Http.Tests.Guide;

/// <summary>The examples of the guide's chapter "Pattern 1: Timeout Pattern", line by line.</summary>
public sealed class TimeoutChapterTests : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private readonly LogRecorder _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Types_of_timeouts()
    {
        var timeout = new TimeoutOptions
        {
            Connect = TimeSpan.FromSeconds(10), // 1. to open a connection
            Read = TimeSpan.FromSeconds(30),    // 2. without data from the service
            Write = TimeSpan.FromSeconds(15),   // 3. without being able to send
            Pool = TimeSpan.FromSeconds(5),     // 4. to get a connection from the pool
        };
        var usual = new TimeoutOptions();
        Assert.Equal((usual.Connect, usual.Read, usual.Write, usual.Pool), (timeout.Connect, timeout.Read, timeout.Write, timeout.Pool));
    }

    [Fact]
    public void Timeout_configuration_guidelines()
    {
        TimeoutOptions farAway = TimeoutPresets.HighLatency; // Connect 30 s, Read 120 s, Write 60 s, Pool 15 s
        TimeoutOptions closeBy = TimeoutPresets.LowLatency;  // Connect 2 s, Read 5 s, Write 5 s, Pool 1 s
        Assert.Equal((30, 120, 60, 15), Seconds(farAway));
        Assert.Equal((2, 5, 5, 1), Seconds(closeBy));
    }

    [Fact]
    public async Task Connection_timeout()
    {
        // Service is down - connection timeout saves you
        using var down = new DeafServer();
        await using var app = new HttpApp(o => (o.BaseAddress, o.Timeout.Connect) = (down.Address, Short));
        var (client, logger) = (app.Client, _log);
        try
        {
            using var response = await client.GetAsync("/api/data"); // fails after 10 seconds
        }
        catch (ApiTimeoutException slow) when (slow.Phase == TimeoutPhase.Connect)
        {
            logger.LogWarning("Service unreachable - failing fast instead of hanging");
        }

        Assert.Equal(["Warning: Service unreachable - failing fast instead of hanging"], _log.Lines);
    }

    [Fact]
    public async Task Read_timeout()
    {
        // Complex report generation - read timeout prevents hanging
        await using var silent = new ScriptedServer(Reply.Silence);
        await using var app = new HttpApp(o => (o.BaseAddress, o.Timeout.Read) = (silent.Address, Short));
        var (client, logger) = (app.Client, _log);
        try
        {
            using var report = await client.GetAsync("/api/reports/annual"); // fails after 30 seconds
        }
        catch (ApiTimeoutException slow) when (slow.Phase == TimeoutPhase.Read)
        {
            logger.LogWarning("Report generation too slow - try async generation instead");
        }

        Assert.Equal(["Warning: Report generation too slow - try async generation instead"], _log.Lines);
    }

    [Fact]
    public async Task Write_timeout()
    {
        // Large file upload - write timeout prevents hanging on slow uploads
        await using var stuck = new ScriptedServer(Reply.Unread);
        await using var app = new HttpApp(o => (o.BaseAddress, o.Timeout.Write) = (stuck.Address, Short));
        var (client, logger) = (app.Client, _log);
        using var file = new MemoryStream(new byte[32 << 20]);
        try
        {
            using var form = new MultipartFormDataContent { { new StreamContent(file), "file", "large.bin" } };
            using var result = await client.PostAsync("/api/upload", form);
        }
        catch (ApiTimeoutException slow) when (slow.Phase == TimeoutPhase.Write)
        {
            logger.LogWarning("Upload too slow - consider chunked upload or async processing");
        }

        Assert.Equal(["Warning: Upload too slow - consider chunked upload or async processing"], _log.Lines);
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
        var (client, logger) = (app.Client, _log);
        var traffic = client.GetAsync("/api/popular-endpoint");
        await inside.Task;
        try
        {
            using var response = await client.GetAsync("/api/popular-endpoint");
        }
        catch (PoolTimeoutException)
        {
            logger.LogWarning("Connection pool saturated - implement backpressure");
        }

        Assert.Equal(["Warning: Connection pool saturated - implement backpressure"], _log.Lines);
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
                var currentTimeout = baseTimeout * (1 + attempt * 0.5); // 1x, 1.5x, 2x
                try
                {
                    using var response = await client.GetAsync(url, options: new() { ReadTimeout = currentTimeout });
                    return await response.Content.ReadAsStringAsync();
                }
                catch (ApiTimeoutException) when (attempt < 2) // the last one is for the caller
                {
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
            Configure(o);
            o.BaseAddress = server.Address;
            o.Timeout.Read = Short;
        });
        using var response = await app.Client.GetAsync("/api/slow");
        Assert.Equal("finally", await response.Content.ReadAsStringAsync());

        void Configure(PipelineOptions options)
        {
            options.Timeout.Read = TimeSpan.FromSeconds(5);
            options.Timeout.ProgressiveStep = 0.5; // 1x, 1.5x, 2x
            options.Retry.MaxAttempts = 3;
        }
    }

    private static (double Connect, double Read, double Write, double Pool) Seconds(TimeoutOptions timeout) =>
        (timeout.Connect.TotalSeconds, timeout.Read.TotalSeconds, timeout.Write.TotalSeconds, timeout.Pool.TotalSeconds);
}
