using System.Diagnostics;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Tests.EndToEnd;

/// <summary>A circuit that three processes share.</summary>
public class CircuitProcessesTests(GarnetEngine garnet, SharedRedisServer redis)
{
    private const string Open = "Open";
    private const string Closed = "Closed";

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(3);

    /// <summary>For a machine that runs other tests.</summary>
    private static readonly TimeSpan Room = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("garnet")]
    [InlineData("redis-server")]
    public async Task Quorum_opens_it_everywhere_and_each_break_has_one_probe(string engine)
    {
        await using var all = await StartOnAsync(engine, "00:00:03");
        all.Backend.Answer = static _ => Task.FromResult(500);

        await FailAsync(all[0]);
        Assert.Equal([Open, Closed, Closed], await Task.WhenAll(all.All.Select(async instance => (await instance.StateAsync()).Circuit)));
        await FailAsync(all[1]);
        await RedisClients.UntilAsync(async () => (await Task.WhenAll(all.All.Select(instance => instance.MovesAsync()))).All(moves => moves.Any(move => move.To == Open)));
        var moves = await Task.WhenAll(all.All.Select(instance => instance.MovesAsync()));
        var quorum = moves[1].First(move => move.To == Open).At;
        var last = moves[2].First(move => move.To == Open);
        Assert.Equal("i1", last.By);
        var spread = Stopwatch.GetElapsedTime(quorum, last.At);
        Instances.Print($"{engine}: open everywhere {Instances.Milliseconds(spread)} after the quorum");
        Assert.InRange(spread, TimeSpan.FromSeconds(-10), TimeSpan.FromMilliseconds(250) + Room);

        // All call all the time, and each break lets one call pass, wherever it is.
        Assert.Equal(6, all.Backend.Count);
        var epoch = (await all[0].StateAsync()).Epoch;
        using (var stop = new CancellationTokenSource())
        {
            var callers = all.All.Select(instance => CallUntilAsync(instance, stop.Token)).ToArray();
            await RedisClients.UntilAsync(() => all.AllAsync(state => state.Epoch >= epoch + 3));
            await stop.CancelAsync();
            await Task.WhenAll(callers);
        }

        await RedisClients.UntilAsync(() => all.AllAsync(state => state.Epoch == epoch + all.Backend.Count - 6));
        Instances.Print($"{engine}: {all.Backend.Count - 6} probes in {(await all[2].StateAsync()).Epoch - epoch} breaks");

        // While the probe runs, nobody else gets through. It closes the circuit for all.
        var release = new TaskCompletionSource<int>();
        var (known, closedAt) = (all.Backend.Count, 0L);
        all.Backend.Answer = _ => release.Task;
        using (var stop = new CancellationTokenSource())
        {
            var callers = all.All.Select(instance => CallUntilAsync(instance, stop.Token)).ToArray();
            await RedisClients.UntilAsync(() => all.Backend.Count == known + 1);
            await Task.Delay(Recovery / 4);
            Assert.Equal(known + 1, all.Backend.Count);
            closedAt = TimeProvider.System.GetTimestamp();
            release.SetResult(200);
            var took = await Instances.UntilAsync(closedAt, () => all.AllAsync(state => state is { Circuit: Closed, Shared: Closed }));
            Instances.Print($"{engine}: closed everywhere {Instances.Milliseconds(took)} after the answer to the probe");
            await stop.CancelAsync();
            await Task.WhenAll(callers);
        }

        Assert.Equal("done", await all[2].CallAsync());
    }

    [Theory]
    [InlineData("garnet")]
    [InlineData("redis-server")]
    public async Task Killed_prober_is_replaced_after_its_lease(string engine)
    {
        await using var all = await StartOnAsync(engine, "00:00:03");
        all.Backend.Answer = static _ => Task.FromResult(500);
        await OpenAsync(all);

        // The first probe never ends, and its process is killed.
        var prober = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        all.Backend.Answer = async call =>
        {
            if (prober.TrySetResult(call.By))
            {
                await Task.Delay(Timeout.Infinite, call.Aborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            }

            return 200;
        };
        using var stop = new CancellationTokenSource();
        var callers = all.All.ToDictionary(instance => instance, instance => CallUntilAsync(instance, stop.Token));
        var name = await prober.Task.WaitAsync(RedisClients.Patience);
        var dead = all.All.Single(instance => instance.Name == name);
        var (killed, calls) = (dead.Kill(), all.Backend.Count);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => callers[dead]);

        await RedisClients.UntilAsync(() => all.AllAsync(state => state is { Circuit: Closed, Shared: Closed }, dead));
        await stop.CancelAsync();
        await Task.WhenAll(callers.Where(caller => caller.Key != dead).Select(caller => caller.Value));
        var next = all.Backend.Calls.ElementAt(calls);
        var took = TimeProvider.System.GetElapsedTime(killed, next.At);
        Instances.Print($"{engine}: another instance probes {Instances.Milliseconds(took)} after the kill, with a lease of {Recovery.TotalSeconds} s");
        Assert.NotEqual(dead.Name, next.By);
        Assert.InRange(took, TimeSpan.Zero, Recovery + TimeSpan.FromSeconds(1) + Room);
    }

    [Fact]
    public async Task Single_bad_instance_opens_nobody_elses()
    {
        await using var all = await StartOnAsync("garnet", "00:00:01");
        all.Backend.Answer = static call => Task.FromResult(call.By == "i0" ? 500 : 200);
        using var stop = new CancellationTokenSource();
        var bad = CallUntilAsync(all[0], stop.Token);
        var good = new[] { CallUntilAsync(all[1], stop.Token), CallUntilAsync(all[2], stop.Token) };

        // For some breaks of its own.
        await RedisClients.UntilAsync(async () => (await all[0].MovesAsync()).Count(move => move.To == Open) >= 3);
        await stop.CancelAsync();
        await bad;

        Assert.All(await Task.WhenAll(good), outcomes => Assert.Equal(["done"], outcomes.Distinct()));
        Assert.Empty(await all[1].MovesAsync());
        Assert.Empty(await all[2].MovesAsync());
        Assert.True(await all.AllAsync(state => state is { Shared: Closed, Epoch: 0 }));
    }

    [Theory]
    [InlineData("killed")]
    [InlineData("frozen")]
    public async Task Outage_fails_no_call_and_state_is_agreed_again_after_it(string outage)
    {
        await using var all = await Instances.StartAsync(3, Settings("00:05:00"));
        using var stop = new CancellationTokenSource();
        var callers = all.All.Select(instance => CallUntilAsync(instance, stop.Token)).ToArray();
        await RedisClients.UntilAsync(() => all.Backend.Count > 100);

        if (outage == "killed")
        {
            all.Server.Kill();
        }
        else
        {
            all.Server.Freeze();
        }

        await RedisClients.UntilAsync(() => all.AllAsync(state => !state.IsAvailable));
        var calls = all.Backend.Count;
        await RedisClients.UntilAsync(() => all.Backend.Count > calls + 100);
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(callers), outcomes => Assert.Equal(["done"], outcomes.Distinct()));

        // Each decides alone. Two open their circuits, and vote when the server is back.
        all.Backend.Answer = static _ => Task.FromResult(500);
        await FailAsync(all[0]);
        await FailAsync(all[1]);
        Assert.Equal([Open, Open, Closed], await Task.WhenAll(all.All.Select(async instance => (await instance.StateAsync()).Circuit)));
        if (outage == "killed")
        {
            await all.Server.StartAgainAsync();
        }
        else
        {
            all.Server.Thaw();
        }

        var took = await Instances.UntilAsync(TimeProvider.System.GetTimestamp(), () => all.AllAsync(state => state is { Circuit: Open, Shared: Open, IsAlone: false }));
        Instances.Print($"{outage}: agreed {Instances.Milliseconds(took)} after the server was back");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2) + Room);
    }

    [Fact]
    public async Task Server_that_starts_again_empty_gets_the_state_back()
    {
        await using var all = await Instances.StartAsync(3, Settings("00:05:00"));
        all.Backend.Answer = static _ => Task.FromResult(500);
        await OpenAsync(all);
        var epoch = (await all[0].StateAsync()).Epoch;
        all.Server.Kill();
        await RedisClients.UntilAsync(() => all.AllAsync(state => !state.IsAvailable));
        await all.Server.StartAgainAsync();

        var back = TimeProvider.System.GetTimestamp();
        await using var direct = await ConnectionMultiplexer.ConnectAsync($"{all.Server.Address},syncTimeout=20000,asyncTimeout=20000");
        var took = await Instances.UntilAsync(back, async () =>
            await direct.GetDatabase().KeyExistsAsync($"{all.Prefix}:{{circuit:BACKEND}}")
            && await all.AllAsync(state => state is { Circuit: Open, Shared: Open, IsAlone: false, IsAvailable: true }));

        Instances.Print($"empty: agreed {Instances.Milliseconds(took)} after the server was back");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2) + Room);
        Assert.True(await all.AllAsync(state => state.Epoch >= epoch));
        Assert.Equal(6, all.Backend.Count);
    }

    private static string[] Settings(string recovery) =>
    [
        "Redis:CommandTimeout=00:00:01", "Resilience:Pipelines:backend:CircuitBreaker:Shared=true", "Resilience:Pipelines:backend:CircuitBreaker:FailureThreshold=3",
        $"Resilience:Pipelines:backend:CircuitBreaker:RecoveryTimeout={recovery}",
    ];

    private static async Task FailAsync(Instance instance)
    {
        for (var call = 0; call < 3; call++)
        {
            Assert.NotEqual("done", await instance.CallAsync());
        }
    }

    private static async Task OpenAsync(Instances all)
    {
        await FailAsync(all[0]);
        await FailAsync(all[1]);
        await RedisClients.UntilAsync(() => all.AllAsync(state => state is { Circuit: Open, Shared: Open }));
    }

    private static async Task<List<string>> CallUntilAsync(Instance instance, CancellationToken stop)
    {
        var outcomes = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            outcomes.Add(await instance.CallAsync());
            await Task.Delay(5, CancellationToken.None);
        }

        return outcomes;
    }

    private async Task<Instances> StartOnAsync(string engine, string recovery) =>
        await Instances.StartOnAsync(engine == "garnet" ? garnet.Address : await redis.AddressAsync(), 3, [.. Settings(recovery), "Redis:CommandTimeout=00:00:10"]);
}
