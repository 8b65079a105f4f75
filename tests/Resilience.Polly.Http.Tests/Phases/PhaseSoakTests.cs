using System.Collections.Concurrent;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>Many requests at once, and many one after another.</summary>
[Collection(nameof(RealTime))]
public class PhaseSoakTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Mixed_30_000_requests_end_as_their_path_says()
    {
        // Connections are few, are lost all the time, and are passed between requests: pool, connect and reuse all race.
        await using var server = new ScriptedServer((request, _) => request.Path switch
        {
            "/ok" => Reply.Ok(),
            "/silence" => Reply.Silence,
            "/stall" => Reply.StallAfter("some"),
            "/reset" => Reply.Reset,
            "/503" => Reply.Status(503),
            _ => Reply.Status(404),
        });
        await using var app = new HttpApp(
            o => (o.Timeout.Connect, o.Timeout.Write, o.Timeout.Pool, o.Timeout.Read) = (Long, Long, Long, Long),
            HttpApp.Speaking(1, maxConnections: 48));
        var impatient = new ResilientRequestOptions { ReadTimeout = Short };
        var wrong = new ConcurrentQueue<string>();
        var left = 30_000;

        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            for (int number; (number = Interlocked.Decrement(ref left)) >= 0;)
            {
                var path = (number % 100) switch { 0 => "silence", 1 => "stall", < 6 => "reset", < 11 => "503", < 16 => "404", _ => "ok" };
                var seen = await EndAsync(() => app.Client.GetAsync(server.Address + path, options: path is "silence" or "stall" ? impatient : null));
                var expected = path switch
                {
                    "silence" or "stall" => "ApiTimeoutException Read",
                    "reset" => "ApiConnectionException",
                    "503" => "ApiUnavailableException",
                    "404" => "NotFoundException",
                    _ => "fine",
                };
                if (seen != expected)
                {
                    wrong.Enqueue($"{path}: {seen}");
                }
            }
        })));

        Assert.Empty(wrong.GroupBy(entry => entry).Select(group => $"{group.Count()} x {group.Key}"));
    }

    [Fact]
    public async Task Requests_100_000_leave_no_timer_and_no_socket()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp(client: HttpApp.Speaking(1));
        async Task SendAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(100)));
        var (timers, sockets) = (Timer.ActiveCount, server.Connections);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(12_500)));

        // One per request at once, whatever their number; the rest of the process has a few of its own.
        Assert.InRange(Timer.ActiveCount, 0, timers + 8);
        Assert.InRange(server.Connections, sockets, sockets + 8);
    }

    [Fact]
    public async Task Timeouts_1_000_leave_no_timer_and_no_socket()
    {
        await using var server = new ScriptedServer((request, _) => request.Path == "/ok" ? Reply.Ok() : Reply.Silence);
        await using var app = new HttpApp(o => o.Timeout.Read = TimeSpan.FromMilliseconds(20), HttpApp.Speaking(1));
        var timers = Timer.ActiveCount;
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => EndAsync(() => app.Client.GetAsync(server.Address + "silence"))));
        }

        Assert.Equal(1000, app.Snapshot.Calls.TimedOut);
        Assert.InRange(Timer.ActiveCount, 0, timers + 60);
    }

    private static async Task<string> EndAsync(Func<Task<HttpResponseMessage>> request)
    {
        try
        {
            (await request()).Dispose();
            return "fine";
        }
        catch (ApiTimeoutException timeout)
        {
            return $"{timeout.GetType().Name} {timeout.Phase}";
        }
        catch (Exception failure)
        {
            return failure.GetType().Name;
        }
    }
}
