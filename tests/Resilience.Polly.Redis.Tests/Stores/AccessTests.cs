using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Redis.Tests;

/// <summary>What a server must allow: the rights of a user, the slots of a cluster, forgotten scripts.</summary>
public sealed partial class AccessTests(SharedRedisServer redis)
{
    /// <summary>What the commands of our scripts are, and nothing else.</summary>
    private static readonly string[] OfScripts =
        ["time", "get", "set", "del", "pexpire", "hget", "hset", "hmget", "hdel", "hgetall", "hexists", "zadd", "zcard", "zrange", "zrangebyscore", "zrem", "zremrangebyscore", "publish"];

    /// <summary>What runs scripts, and what StackExchange.Redis sends itself.</summary>
    private static readonly string[] OfConnection = ["eval", "evalsha", "script|load", "subscribe", "unsubscribe", "ping", "echo", "hello", "auth", "client", "info"];

    [Fact]
    public void Scripts_use_these_commands_and_no_others()
    {
        var used = Directory.GetFiles(Path.Combine(Root(), "src", "Resilience.Polly.Redis", "Scripts"), "*.lua")
            .SelectMany(file => Called().Matches(File.ReadAllText(file)).Select(call => call.Groups[1].Value.ToLowerInvariant()));

        Assert.Equal(OfScripts.Order(), used.Distinct().Order());
    }

    [Fact]
    public async Task User_with_these_rights_on_the_prefix_alone_can_do_everything()
    {
        await using var clients = new RedisClients(await redis.AddressAsync());
        var direct = (await clients.DirectAsync()).GetServers()[0];
        var user = $"user-{Guid.NewGuid():N}";
        await direct.ExecuteAsync("ACL", ["SETUSER", user, "on", ">secret", $"~{clients.Prefix}:*", $"&{clients.Prefix}:*", .. OfScripts.Concat(OfConnection).Select(command => $"+{command}")]);

        await UseAllAsync(clients, await clients.OpenAsync(more: $",user={user},password=secret"));

        Assert.Empty(clients.Log.Lines);
        await direct.ExecuteAsync("ACL", "DELUSER", user);
    }

    [Fact]
    public async Task User_without_a_right_gets_one_clear_line_in_the_log_and_calls_are_refused_without_names()
    {
        await using var clients = new RedisClients(await redis.AddressAsync());
        var direct = (await clients.DirectAsync()).GetServers()[0];
        var user = $"user-{Guid.NewGuid():N}";
        await direct.ExecuteAsync("ACL", ["SETUSER", user, "on", ">secret", $"~{clients.Prefix}:*", $"&{clients.Prefix}:*", .. OfScripts.Concat(OfConnection).Except(["zrem"]).Select(command => $"+{command}")]);
        var application = clients.Open(more: $",user={user},password=secret");
        var store = application.GetRequiredService<ISharedInstanceStore>();
        await store.BeatAsync("a", TimeSpan.FromMinutes(1));

        for (var call = 0; call < 3; call++)
        {
            var failure = await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await store.LeaveAsync("a"));
            Assert.DoesNotContain(user, failure.ToString(), StringComparison.Ordinal);
        }

        Assert.StartsWith("Error: Redis at ", Assert.Single(clients.Log.Lines), StringComparison.Ordinal);
        Assert.True(application.GetRequiredService<ISharedStateConnection>().IsAvailable);
        await direct.ExecuteAsync("ACL", "DELUSER", user);
    }

    [Fact]
    public async Task Server_that_forgot_the_scripts_gets_them_again()
    {
        await using var clients = new RedisClients(await redis.AddressAsync());
        var application = await clients.OpenAsync();
        await UseAllAsync(clients, application);

        await (await clients.DirectAsync()).GetServers()[0].ExecuteAsync("SCRIPT", "FLUSH");

        await UseAllAsync(clients, application);
        Assert.Empty(clients.Log.Lines);
    }

    [Fact]
    public async Task Cluster_runs_all_scripts_since_the_keys_of_each_are_in_one_slot()
    {
        using var server = await RedisServerProcess.StartAsync("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
        await using var clients = new RedisClients(server.Address);
        var direct = (await clients.DirectAsync()).GetServers()[0];
        await direct.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await RedisClients.UntilAsync(async () => ((string?)await direct.ExecuteAsync("CLUSTER", "INFO"))!.Contains("cluster_state:ok", StringComparison.Ordinal));

        await UseAllAsync(clients, await clients.OpenAsync());
    }

    [Fact]
    public async Task Every_key_begins_with_the_prefix_and_expires()
    {
        using var server = await RedisServerProcess.StartAsync();
        await using var clients = new RedisClients(server.Address);
        await UseAllAsync(clients, await clients.OpenAsync());
        var direct = await clients.DirectAsync();

        var keys = direct.GetServers()[0].Keys(pattern: "*").ToArray();

        Assert.True(keys.Length > 4);
        Assert.All(keys, key => Assert.StartsWith($"{clients.Prefix}:", key.ToString(), StringComparison.Ordinal));
        foreach (var key in keys)
        {
            Assert.InRange((await direct.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromTicks(1), TimeSpan.FromDays(7));
        }
    }

    /// <summary>Calls every method of every store, and every branch of the scripts that writes.</summary>
    private static async Task UseAllAsync(RedisClients clients, ServiceProvider application)
    {
        var name = $"n-{Guid.NewGuid():N}";
        var (minute, moment) = (TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(1));
        var (heard, news) = (0, 0);
        var circuits = application.GetRequiredService<ISharedCircuitStore>();
        using var subscription = circuits.Subscribe((_, _) => Interlocked.Increment(ref heard));
        var bulkheads = application.GetRequiredService<ISharedBulkheadStore>();
        using var bulkheadNews = bulkheads.Subscribe(_ => Interlocked.Increment(ref news));
        await clients.ListeningAsync("circuits");
        await clients.ListeningAsync("bulkheads");

        await circuits.VoteAsync(name, new() { Instance = "a", Epoch = 0, Quorum = 2, Break = minute, Reason = "" });
        await circuits.VoteAsync(name, new() { Instance = "b", Epoch = 0, Quorum = 2, Break = moment, Reason = "" });
        await Task.Delay(5);
        Assert.True((await circuits.TakeProbeAsync(name, "p", 1, minute)).HasProbe);
        await circuits.ReleaseProbeAsync(name, "p");
        await circuits.ChangeAsync(name, new() { Instance = "a", Epoch = 1, State = CircuitState.Isolated, Reason = "" });
        Assert.Equal(10, (await circuits.SyncAsync(name, new() { Instance = "a", Epoch = 9, State = CircuitState.Closed, Reason = "" })).Epoch);
        await circuits.SyncAsync(name, new() { Instance = "a", Epoch = 9, State = CircuitState.Closed, Reason = "" });
        await circuits.VoteAsync(name, new() { Instance = "a", Epoch = 0, Quorum = 2, Break = minute, Reason = "" });

        await bulkheads.HoldAsync(name, new() { Instance = "a", Sequence = 1, Wanted = 1, Needed = 0, Limit = 1, Lease = moment });
        await Task.Delay(5);
        await bulkheads.HoldAsync(name, new() { Instance = "b", Sequence = 1, Wanted = 1, Needed = 0, Limit = 1, Lease = minute });
        Assert.Equal(0, (await bulkheads.HoldAsync(name, new() { Instance = "c", Sequence = 1, Wanted = 1, Needed = 1, Limit = 1, Lease = minute })).Held);

        var instances = application.GetRequiredService<ISharedInstanceStore>();
        await instances.BeatAsync("a", minute);
        await instances.BeatAsync("b", minute);
        await instances.LeaveAsync("b");

        var store = application.GetRequiredService<IIdempotencyStore>();
        foreach (var key in new[] { name, $"{name}-2" })
        {
            Assert.Equal(IdempotencyStatus.Claimed, (await store.ClaimAsync(key, new() { Owner = "o", Fingerprint = new byte[] { 1 }, Lease = minute, Retention = minute })).Status);
            Assert.True(await store.RenewAsync(key, "o", minute, isCommitted: true));
        }

        Assert.True(await store.CompleteAsync(name, "o", new byte[] { 0 }, minute));
        Assert.Equal(IdempotencyStatus.Completed, (await store.ClaimAsync(name, new() { Owner = "p", Fingerprint = new byte[] { 1 }, Lease = minute, Retention = minute })).Status);
        Assert.True(await store.AbandonAsync($"{name}-2", "o"));
        await store.ClaimAsync($"{name}-3", new() { Owner = "o", Fingerprint = new byte[] { 1 }, Lease = minute, Retention = minute });

        await RedisClients.UntilAsync(() => Volatile.Read(ref heard) == 3 && Volatile.Read(ref news) >= 1);
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex(@"redis\.call\('(\w+)'")]
    private static partial Regex Called();
}
