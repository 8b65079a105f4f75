using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>Each phase against a server that makes just that one hang, over both protocols, set for the client and for one request.</summary>
[Collection(nameof(RealTime))]
public class PhaseTimeoutTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    // A second, below which even a steady reader may seem to stand still (the page on timeouts says why).
    private static readonly TimeSpan ShortWrite = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    public static TheoryData<int, bool> Ways => new() { { 1, false }, { 2, false }, { 1, true }, { 2, true } };

    /// <summary>An application where only <paramref name="phase"/> is short: by its pipeline, or by the options of the request.</summary>
    private static (HttpApp App, ResilientRequestOptions? Options) Limit(TimeoutPhase phase, int version, bool perRequest, int maxConnections = int.MaxValue)
    {
        var limit = phase == TimeoutPhase.Write ? ShortWrite : Short;
        var app = new HttpApp(
            o =>
            {
                o.Timeout.Connect = phase == TimeoutPhase.Connect && !perRequest ? limit : Long;
                o.Timeout.Read = phase == TimeoutPhase.Read && !perRequest ? limit : Long;
                o.Timeout.Write = phase == TimeoutPhase.Write && !perRequest ? limit : Long;
                o.Timeout.Pool = phase == TimeoutPhase.Pool && !perRequest ? limit : Long;
            },
            HttpApp.Speaking(version, maxConnections));
        ResilientRequestOptions? options = !perRequest ? null : phase switch
        {
            TimeoutPhase.Connect => new() { ConnectTimeout = limit },
            TimeoutPhase.Read => new() { ReadTimeout = limit },
            TimeoutPhase.Write => new() { WriteTimeout = limit },
            _ => new() { PoolTimeout = limit },
        };
        return (app, options);
    }

    private static async Task FailsAsync(TimeoutPhase phase, Func<Task> request)
    {
        var limit = phase == TimeoutPhase.Write ? ShortWrite : Short;
        var timeout = phase == TimeoutPhase.Pool
            ? await RealTime.FailsAtAsync<PoolTimeoutException>(limit, request)
            : await RealTime.FailsAtAsync<ApiTimeoutException>(limit, request);
        Assert.Equal((phase, limit, 1), (timeout.Phase, timeout.Limit, timeout.Attempts));
        Assert.Equal(phase, Assert.IsType<PhaseTimeoutException>(timeout.InnerException).Phase);
    }

    private static Task<WebServer> ServerAsync(int version, RequestDelegate answer, int streams = 100) =>
        WebServer.StartAsync(answer, version, streams);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Connect_nobody_accepts(int version, bool perRequest)
    {
        using var server = new DeafServer();
        var (app, options) = Limit(TimeoutPhase.Connect, version, perRequest);
        await using var _ = app;
        await FailsAsync(TimeoutPhase.Connect, () => app.Client.GetAsync(server.Address.AbsoluteUri, options: options));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Connect_nobody_speaks_tls(int version, bool perRequest)
    {
        await using var server = new ScriptedServer(Reply.Silence);
        var (app, options) = Limit(TimeoutPhase.Connect, version, perRequest);
        await using var _ = app;
        await FailsAsync(TimeoutPhase.Connect, () => app.Client.GetAsync(server.SilentTlsAddress.AbsoluteUri, options: options));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Read_no_answer_comes(int version, bool perRequest)
    {
        await using var server = await ServerAsync(version, WebServer.HangAsync);
        var (app, options) = Limit(TimeoutPhase.Read, version, perRequest);
        await using var _ = app;
        await FailsAsync(TimeoutPhase.Read, () => app.Client.GetAsync(server.Address.AbsoluteUri, options: options));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Read_no_answer_comes_to_a_body(int version, bool perRequest)
    {
        await using var server = await ServerAsync(version, async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await WebServer.HangAsync(context);
        });
        var (app, options) = Limit(TimeoutPhase.Read, version, perRequest);
        await using var _ = app;
        await FailsAsync(TimeoutPhase.Read, () => app.Client.PutAsync(server.Address.AbsoluteUri, new StringContent("all of it"), options: options));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Read_the_body_stalls_after_the_head(int version, bool perRequest)
    {
        await using var server = await ServerAsync(version, async context =>
        {
            await context.Response.WriteAsync("some");
            await context.Response.Body.FlushAsync();
            await WebServer.HangAsync(context);
        });
        var (app, options) = Limit(TimeoutPhase.Read, version, perRequest);
        await using var _ = app;
        await FailsAsync(TimeoutPhase.Read, () => app.Client.GetAsync(server.Address.AbsoluteUri, options: options));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_nobody_reads_the_body_over_http_1(bool perRequest)
    {
        await using var server = new ScriptedServer(Reply.Unread);
        var (app, options) = Limit(TimeoutPhase.Write, 1, perRequest);
        await using var _ = app;
        await FailsAsync(TimeoutPhase.Write, () => app.Client.PutAsync(server.Address.AbsoluteUri, new ByteArrayContent(new byte[32 << 20]), options: options));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_nobody_reads_the_body_over_http_2(bool perRequest)
    {
        await using var server = await ServerAsync(2, WebServer.HangAsync);
        var (app, options) = Limit(TimeoutPhase.Write, 2, perRequest);
        await using var _ = app;
        await FailsAsync(TimeoutPhase.Write, () => app.Client.PutAsync(server.Address.AbsoluteUri, new ByteArrayContent(new byte[32 << 20]), options: options));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Pool_the_only_connection_or_stream_is_taken(int version, bool perRequest)
    {
        var (app, options) = Limit(TimeoutPhase.Pool, version, perRequest, maxConnections: 1);
        await using var _ = app;
        await using var taken = await TakenAsync(app, version);
        await FailsAsync(TimeoutPhase.Pool, () => app.Client.GetAsync(taken.Address, options: options));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Pool_zero_fails_at_once_when_it_would_have_to_wait(int version)
    {
        await using var app = new HttpApp(client: HttpApp.Speaking(version, maxConnections: 1));
        await using var taken = await TakenAsync(app, version);
        var full = await RealTime.FailsAtAsync<PoolTimeoutException>(
            TimeSpan.Zero, () => app.Client.GetAsync(taken.Address, options: new() { PoolTimeout = TimeSpan.Zero }));
        Assert.Equal(TimeSpan.Zero, full.Limit);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ProgressiveStep_gives_each_attempt_its_time(int version)
    {
        var times = new List<TimeSpan>();
        await using var server = await ServerAsync(version, WebServer.HangAsync);
        await using var app = new HttpApp(
            o =>
            {
                o.Timeout.Read = Short;
                o.Timeout.ProgressiveStep = 0.5;
                o.Retry.MaxAttempts = 3;
            },
            HttpApp.Speaking(version));
        var timeout = await RealTime.FailsAtAsync<ApiTimeoutException>((1 + 1.5 + 2) * Short, () => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal((TimeoutPhase.Read, 2 * Short, 3), (timeout.Phase, timeout.Limit, timeout.Attempts));
    }

    /// <summary>A server whose one connection, or the one stream of it, is in use.</summary>
    private static async Task<Taken> TakenAsync(HttpApp app, int version)
    {
        var gate = new TaskCompletionSource();
        var inside = new TaskCompletionSource();
        var server = await ServerAsync(
            version,
            async context =>
            {
                if (context.Request.Path == "/hold")
                {
                    inside.TrySetResult();
                    await gate.Task;
                }
            },
            streams: 1);

        // Once for nothing, so that an HTTP/2 client has heard how many streams there are.
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        var holder = app.Client.GetAsync(server.Address + "hold");
        await inside.Task;
        return new Taken(server, gate, holder);
    }

    private sealed record Taken(WebServer Server, TaskCompletionSource Gate, Task Holder) : IAsyncDisposable
    {
        public string Address => Server.Address.AbsoluteUri;

        public async ValueTask DisposeAsync()
        {
            Gate.SetResult();
            await Holder;
            await Server.DisposeAsync();
        }
    }
}
