using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Redis.Tests;

/// <summary>The wall clocks of the instances differ. Only that of the server counts.</summary>
public sealed class ClockTests(GarnetEngine garnet)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(90)]
    [InlineData(-90)]
    public async Task Clocks_90_seconds_apart_change_nothing(int seconds)
    {
        await using var clients = new RedisClients(garnet.Address);
        var one = await clients.OpenAsync();
        var other = await clients.OpenAsync(add: services => services.AddSingleton<TimeProvider>(new ShiftedClock(TimeSpan.FromSeconds(seconds))));

        var (circuits, theirs) = (one.GetRequiredService<ISharedCircuitStore>(), other.GetRequiredService<ISharedCircuitStore>());
        var open = await circuits.VoteAsync("c", new() { Instance = "a", Epoch = 0, Quorum = 1, Break = Minute, Reason = "" });
        Assert.False((await theirs.TakeProbeAsync("c", "p", open.Epoch, Minute)).HasProbe);
        Assert.InRange((await theirs.SyncAsync("c", new() { Instance = "b", Epoch = 0, State = CircuitState.Closed, Reason = "" })).BreakLeft!.Value, Minute / 2, Minute);

        var (slots, theirSlots) = (one.GetRequiredService<ISharedBulkheadStore>(), other.GetRequiredService<ISharedBulkheadStore>());
        await slots.HoldAsync("b", new() { Instance = "a", Sequence = 1, Wanted = 5, Needed = 5, Limit = 5, Lease = Minute });
        Assert.Equal(0, (await theirSlots.HoldAsync("b", new() { Instance = "b", Sequence = 1, Wanted = 5, Needed = 5, Limit = 5, Lease = Minute })).Held);

        var (instances, theirInstances) = (one.GetRequiredService<ISharedInstanceStore>(), other.GetRequiredService<ISharedInstanceStore>());
        await instances.BeatAsync("a", Minute);
        await theirInstances.BeatAsync("b", Minute);
        Assert.Equal(["a", "b"], await instances.BeatAsync("a", Minute));

        var (keys, theirKeys) = (one.GetRequiredService<IIdempotencyStore>(), other.GetRequiredService<IIdempotencyStore>());
        await keys.ClaimAsync("k", Claim("a"));
        Assert.Equal(IdempotencyStatus.Running, (await theirKeys.ClaimAsync("k", Claim("b"))).Status);
        await theirKeys.ClaimAsync("l", Claim("b"));
        Assert.Equal(IdempotencyStatus.Running, (await keys.ClaimAsync("l", Claim("a"))).Status);
    }

    private static IdempotencyClaim Claim(string owner) =>
        new() { Owner = owner, Fingerprint = new byte[] { 1 }, Lease = Minute, Retention = Minute * 10, TakesAbandoned = true };

    private sealed class ShiftedClock(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
    }
}
