using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Redis.Tests;

/// <summary>A server that is killed, frozen, slow to come or empty again. What callers wait is measured, with room for a busy machine.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    /// <summary>For a machine that runs other tests. Without a limit, a caller of a frozen server waits for seconds.</summary>
    private static readonly TimeSpan Room = TimeSpan.FromMilliseconds(700);

    private RedisServerProcess _server = null!;
    private RedisClients _clients = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServerProcess.StartAsync();
        _clients = new(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await (_clients?.DisposeAsync() ?? ValueTask.CompletedTask);
        _server?.Dispose();
    }

    [Fact]
    public async Task Frozen_server_costs_each_caller_at_most_the_limit_and_then_nothing()
    {
        var application = await OpenAsync();
        var (store, connection) = (application.GetRequiredService<ISharedInstanceStore>(), application.GetRequiredService<ISharedStateConnection>());
        var restored = 0;
        connection.Restored += () => Interlocked.Increment(ref restored);
        _server.Freeze();

        var waits = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FailedCallAsync(store)));
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, Limit + Room));
        Assert.False(connection.IsAvailable);

        // Each of them would wait for the limit otherwise: five seconds together.
        var start = Stopwatch.GetTimestamp();
        for (var call = 0; call < 100; call++)
        {
            await FailedCallAsync(store);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(0, restored);

        _server.Thaw();
        await RedisClients.UntilAsync(() => Volatile.Read(ref restored) > 0);
        Assert.True(connection.IsAvailable);
        Assert.Equal(["a"], await RetryAsync(async () => await store.BeatAsync("a", TimeSpan.FromMinutes(1))));
        Assert.Contains(_clients.Log.Lines, line => line.StartsWith($"Warning: Redis at {_server.Address} cannot be used: ", StringComparison.Ordinal));
        Assert.Contains(_clients.Log.Lines, line => line.StartsWith($"Information: Redis at {_server.Address} can be used again, after ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_that_freezes_again_and_again_is_found_again_each_time()
    {
        var application = await OpenAsync();
        var (store, connection) = (application.GetRequiredService<ISharedInstanceStore>(), application.GetRequiredService<ISharedStateConnection>());
        for (var round = 0; round < 3; round++)
        {
            _server.Freeze();
            await FailedCallAsync(store);
            Assert.False(connection.IsAvailable);
            _server.Thaw();
            await RedisClients.UntilAsync(() => connection.IsAvailable);
        }
    }

    [Fact]
    public async Task Connection_of_the_application_costs_at_most_the_limit_too_and_stays_open()
    {
        await using var own = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(_server.Address);
        var services = new ServiceCollection();
        services.AddResilience().AddRedis(own, options => (options.KeyPrefix, options.CommandTimeout) = (_clients.Prefix, Limit));
        await using (var application = services.BuildServiceProvider())
        {
            var (store, connection) = (application.GetRequiredService<ISharedInstanceStore>(), application.GetRequiredService<ISharedStateConnection>());
            Assert.Equal(["a"], await RetryAsync(async () => await store.BeatAsync("a", TimeSpan.FromMinutes(1))));
            Assert.Equal($"Redis at {_server.Address}", connection.Name);

            _server.Freeze();
            Assert.InRange(await FailedCallAsync(store), TimeSpan.Zero, Limit + Room);
            _server.Thaw();
            await RedisClients.UntilAsync(() => connection.IsAvailable);
        }

        Assert.True((await own.GetDatabase().PingAsync()) > TimeSpan.Zero);
    }

    [Fact]
    public async Task Killed_server_fails_calls_at_once_and_one_that_comes_back_empty_takes_over_what_instances_know()
    {
        var application = await OpenAsync();
        var (circuits, connection) = (application.GetRequiredService<ISharedCircuitStore>(), application.GetRequiredService<ISharedStateConnection>());
        var open = await RetryAsync(async () => await circuits.ChangeAsync("c", Known(CircuitState.Open, 6)));
        var restored = new TaskCompletionSource();
        connection.Restored += () => restored.TrySetResult();
        _server.Kill();

        await RedisClients.UntilAsync(() => !connection.IsAvailable);
        var start = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await circuits.SyncAsync("c", Known(CircuitState.Open, open.Epoch)));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Room);

        await _server.StartAgainAsync();
        await restored.Task.WaitAsync(RedisClients.Patience);
        var synced = await RetryAsync(async () => await circuits.SyncAsync("c", Known(CircuitState.Open, open.Epoch)));
        Assert.Equal((8, CircuitState.Open), (synced.Epoch, synced.State));
    }

    [Fact]
    public async Task Messages_come_again_after_the_server_came_back()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        var heard = 0L;
        other.GetRequiredService<ISharedCircuitStore>().Subscribe((_, circuit) => Interlocked.Exchange(ref heard, circuit.Epoch));
        await _clients.ListeningAsync("circuits");
        _server.Kill();
        await _server.StartAgainAsync();

        var circuits = one.GetRequiredService<ISharedCircuitStore>();
        await RedisClients.UntilAsync(async () =>
        {
            var epoch = (await RetryAsync(async () => await circuits.ChangeAsync("c", Known(CircuitState.Open, 9)))).Epoch;
            for (var start = Stopwatch.GetTimestamp(); Volatile.Read(ref heard) != epoch && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1);)
            {
                await Task.Delay(5);
            }

            return Volatile.Read(ref heard) == epoch;
        });
    }

    [Fact]
    public async Task Probe_that_timed_out_still_runs_and_its_owner_can_give_it_back()
    {
        var application = await OpenAsync();
        var circuits = application.GetRequiredService<ISharedCircuitStore>();
        var open = await RetryAsync(async () => await circuits.ChangeAsync("c", Known(CircuitState.Open, 0, TimeSpan.FromMilliseconds(1))));
        await Task.Delay(5);
        _server.Freeze();
        await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await circuits.TakeProbeAsync("c", "late", open.Epoch, TimeSpan.FromHours(1)));
        _server.Thaw();

        Assert.False((await RetryAsync(async () => await circuits.TakeProbeAsync("c", "next", open.Epoch, TimeSpan.FromHours(1)))).HasProbe);
        await RetryAsync(async () =>
        {
            await circuits.ReleaseProbeAsync("c", "late");
            return true;
        });
        await RedisClients.UntilAsync(async () => (await RetryAsync(async () => await circuits.TakeProbeAsync("c", "next", open.Epoch, TimeSpan.FromHours(1)))).HasProbe);
    }

    [Fact]
    public async Task Claim_that_timed_out_still_runs_and_its_owner_can_give_it_back()
    {
        var application = await OpenAsync();
        var store = application.GetRequiredService<IIdempotencyStore>();
        await RetryAsync(async () => await store.RenewAsync("warm", "up", TimeSpan.FromSeconds(1), false));
        _server.Freeze();
        await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await store.ClaimAsync("k", Claim("late")));
        _server.Thaw();

        Assert.Equal(IdempotencyStatus.Running, (await RetryAsync(async () => await store.ClaimAsync("k", Claim("next")))).Status);
        Assert.True(await RetryAsync(async () => await store.AbandonAsync("k", "late")));
        Assert.Equal(IdempotencyStatus.Claimed, (await RetryAsync(async () => await store.ClaimAsync("k", Claim("next")))).Status);
    }

    [Fact]
    public async Task Caller_that_cancels_does_not_wait()
    {
        var application = await OpenAsync(options => options.CommandTimeout = TimeSpan.FromSeconds(10));
        var store = application.GetRequiredService<ISharedInstanceStore>();
        using var cancelled = new CancellationTokenSource();
        _server.Freeze();
        var call = store.BeatAsync("a", TimeSpan.FromSeconds(1), cancelled.Token).AsTask();
        await cancelled.CancelAsync();

        Assert.Equal(cancelled.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(5)))).CancellationToken);
        _server.Thaw();
    }

    private static async Task<TimeSpan> FailedCallAsync(ISharedInstanceStore store)
    {
        var start = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await store.BeatAsync("a", TimeSpan.FromMinutes(1)));
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>On a busy machine a command may take longer than the short limit.</summary>
    private static async Task<T> RetryAsync<T>(Func<Task<T>> command)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await command();
            }
            catch (SharedStateUnavailableException) when (Stopwatch.GetElapsedTime(start) < RedisClients.Patience)
            {
                await Task.Delay(20);
            }
        }
    }

    private static SharedCircuitChange Known(CircuitState state, long epoch, TimeSpan? lasts = null) =>
        new() { Instance = "a", Epoch = epoch, State = state, Break = lasts ?? TimeSpan.FromHours(1), Reason = "known" };

    private static IdempotencyClaim Claim(string owner) =>
        new() { Owner = owner, Fingerprint = new byte[] { 1 }, Lease = TimeSpan.FromHours(1), Retention = TimeSpan.FromHours(1) };

    private Task<ServiceProvider> OpenAsync(Action<RedisOptions>? configure = null) =>
        _clients.OpenAsync(configure ?? (options => options.CommandTimeout = Limit), more: ",connectTimeout=500,asyncTimeout=100,syncTimeout=100");
}
