using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>What is left behind after a limit was hit: nothing that holds up whoever comes next.</summary>
[Collection(nameof(RealTime))]
public class RecoveryTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Connect_timeout_frees_its_place_for_the_retry_within_50_ms(int version)
    {
        // One connection at most: the retry cannot begin before the first attempt to connect has let go.
        using var server = new DeafServer();
        var best = TimeSpan.MaxValue;
        for (var run = 0; best >= TimeSpan.FromMilliseconds(50); run++)
        {
            Assert.True(run < 10, $"the second attempt to connect began {best.TotalMilliseconds:0} ms after the first had ended, at best");
            var dialled = new List<long>();
            await using var app = new HttpApp(
                o => (o.Timeout.Connect, o.Retry.MaxAttempts) = (Short, 2),
                HttpApp.Speaking(version, maxConnections: 1, handler => handler.ConnectCallback = async (context, token) =>
                {
                    dialled.Add(Stopwatch.GetTimestamp());
                    await Task.Delay(Timeout.Infinite, token);
                    throw new UnreachableException();
                }));
            var timeout = await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
            Assert.Equal((TimeoutPhase.Connect, 2, 2), (timeout.Phase, timeout.Attempts, dialled.Count));
            var pause = Stopwatch.GetElapsedTime(dialled[0], dialled[1]) - Short;
            best = pause < best ? pause : best;
        }
    }

    [Fact]
    public async Task Read_timeout_over_http_1_leaves_no_connection_to_use_again()
    {
        await using var server = new ScriptedServer(Reply.Ok(), Reply.Silence, Reply.Ok());
        await using var app = new HttpApp(o => o.Timeout.Read = Short);
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        Assert.Equal([1, 1, 2], server.Requests.Select(request => request.Connection));
    }

    [Fact]
    public async Task Read_timeout_over_http_2_leaves_the_other_streams_alone()
    {
        var gate = new TaskCompletionSource();
        var connections = new HashSet<string>();
        await using var server = await WebServer.StartAsync(
            async context =>
            {
                lock (connections)
                {
                    connections.Add(context.Connection.Id);
                }

                if (context.Request.Path == "/hang")
                {
                    await WebServer.HangAsync(context);
                    return;
                }

                await context.Response.WriteAsync("first ");
                await context.Response.Body.FlushAsync();
                await gate.Task;
                await context.Response.WriteAsync("second");
            },
            version: 2);
        await using var app = new HttpApp(client: HttpApp.Speaking(2));
        var sibling = app.Client.GetAsync(server.Address + "sibling");
        await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address + "hang", options: new() { ReadTimeout = Short }));
        gate.SetResult();
        using var response = await sibling;
        Assert.Equal("first second", await response.Content.ReadAsStringAsync());
        Assert.Single(connections);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Pool_waiter_goes_on_when_the_holder_leaves(int version)
    {
        var gate = new TaskCompletionSource();
        var inside = new TaskCompletionSource();
        await using var server = await WebServer.StartAsync(
            async context =>
            {
                inside.TrySetResult();
                await gate.Task;
                await context.Response.WriteAsync(context.Request.Path);
            },
            version,
            streams: 1);
        await using var app = new HttpApp(client: HttpApp.Speaking(version, maxConnections: 1));
        var holder = app.Client.GetAsync(server.Address + "holder");
        await inside.Task;
        var waiter = app.Client.GetAsync(server.Address + "waiter");
        Assert.False(waiter.IsCompleted);
        gate.SetResult();
        Assert.Equal("/holder", await (await holder).Content.ReadAsStringAsync());
        Assert.Equal("/waiter", await (await waiter).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Five_requests_that_share_one_stalled_attempt_to_connect_all_end_with_it()
    {
        using var server = new DeafServer();
        await using var app = new HttpApp(o => o.Timeout.Connect = Short, HttpApp.Speaking(2));
        var timeout = await RealTime.FailsAtAsync<ApiTimeoutException>(Short, async () =>
        {
            var requests = Enumerable.Range(0, 5).Select(_ => app.Client.GetAsync(server.Address.AbsoluteUri)).ToArray();
            await ((Task)Task.WhenAll(requests)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.All(requests, request => Assert.Equal(TimeoutPhase.Connect, ((ApiTimeoutException)request.Exception!.InnerException!).Phase));
            await requests[0];
        });
        Assert.Equal(Short, timeout.Limit);
    }

    [Fact]
    public async Task Connect_limit_of_one_request_does_not_end_another_that_shares_its_attempt()
    {
        // The first to ask opens the connection for both, and gives up early.
        await using var web = await WebServer.StartAsync(context => context.Response.WriteAsync("ok"), version: 2);
        var dials = 0;
        var dialled = new TaskCompletionSource();
        await using var app = new HttpApp(client: HttpApp.Speaking(2, more: handler => handler.ConnectCallback = async (context, token) =>
        {
            if (Interlocked.Increment(ref dials) == 1)
            {
                dialled.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            }

            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            await socket.ConnectAsync(context.DnsEndPoint, token);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        }));
        var hasty = app.Client.GetAsync(web.Address.AbsoluteUri, options: new() { ConnectTimeout = Short });
        await dialled.Task; // on behalf of the hasty one
        var patient = app.Client.GetAsync(web.Address.AbsoluteUri, options: new() { ConnectTimeout = TimeSpan.FromSeconds(20) });
        Assert.Equal(TimeoutPhase.Connect, (await Assert.ThrowsAsync<ApiTimeoutException>(() => hasty)).Phase);
        Assert.Equal("ok", await (await patient).Content.ReadAsStringAsync());
        Assert.Equal(2, dials);
    }
}
