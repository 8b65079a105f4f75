using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Redis.Tests;

/// <summary>Random commands give the same answers from Redis as from the store in memory.</summary>
public sealed class SameAsInMemoryTests(GarnetEngine garnet)
{
    private static readonly string[] Instances = ["a", "b", "c", "d"];

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>A time that is over before the next command.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task Circuits_answer_alike()
    {
        await using var clients = new RedisClients(garnet.Address);
        var (redis, memory) = ((await clients.OpenAsync()).GetRequiredService<ISharedCircuitStore>(), new InMemorySharedState());
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var step = 0; step < 600; step++)
        {
            var command = RandomCircuitCommand(random, $"c{step / 60}");

            var (one, other) = (await command(redis), await command(memory));

            Assert.True(Shown(one) == Shown(other), $"seed {seed}, step {step}: Redis says {Shown(one)}, memory says {Shown(other)}");
            await PassAsync(Moment);
        }
    }

    [Fact]
    public async Task Bulkheads_answer_alike()
    {
        await using var clients = new RedisClients(garnet.Address);
        var (redis, memory) = ((await clients.OpenAsync()).GetRequiredService<ISharedBulkheadStore>(), new InMemorySharedState());
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var compared = 0;
        for (var round = 0; round < 30; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var step = 0; step < 25; step++)
            {
                var wanted = random.Next(0, 9);
                var request = new SharedSlotsRequest
                {
                    Instance = Pick(random, Instances), Sequence = Math.Max(0, step - (random.Next(4) == 0 ? 5 : 0)), Wanted = wanted, Needed = random.Next(0, wanted + 1),
                    Limit = random.Next(8, 13), Lease = random.Next(6) == 0 ? Moment : Hour,
                };
                var (one, other) = (await redis.HoldAsync($"b{round}", request), await memory.HoldAsync($"b{round}", request));

                // Later a need may be forgotten by one and not yet by the other.
                var isScarceKnown = Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(800);
                compared += isScarceKnown ? 1 : 0;
                Assert.True(Shown(one, isScarceKnown) == Shown(other, isScarceKnown), $"seed {seed}, round {round}, step {step}: Redis says {Shown(one, true)}, memory says {Shown(other, true)}");
                await PassAsync(Moment);
            }
        }

        Assert.True(compared > 100);
    }

    /// <summary>Lets more than the time pass. A timer alone may be some milliseconds early.</summary>
    private static async Task PassAsync(TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        do
        {
            await Task.Delay(1);
        }
        while (Stopwatch.GetElapsedTime(start) < time * 3);
    }

    private static Func<ISharedCircuitStore, Task<SharedCircuit>> RandomCircuitCommand(Random random, string circuit)
    {
        var (instance, epoch, owner) = (Pick(random, Instances), (long)random.Next(0, 12), Pick(random, ["p", "q"]));
        var (state, isForced, quorum) = (Pick(random, [CircuitState.Closed, CircuitState.Open, CircuitState.Isolated]), random.Next(8) == 0, random.Next(1, 4));
        TimeSpan? time = random.Next(3) == 0 ? Hour : Moment;
        var change = new SharedCircuitChange
        {
            Instance = instance, Epoch = epoch, State = state, IsForced = isForced, Breaks = random.Next(5), Reason = $"r{random.Next(9)}",
            Break = state == CircuitState.Open || (state == CircuitState.Isolated && random.Next(2) == 0) ? time : null,
        };
        return random.Next(8) switch
        {
            0 or 1 or 2 => async store => await store.VoteAsync(circuit, new() { Instance = instance, Epoch = epoch, Quorum = quorum, Break = time.Value, Breaks = change.Breaks, Reason = change.Reason }),
            3 => async store => await store.ChangeAsync(circuit, change),
            4 => async store => await store.SyncAsync(circuit, change),
            5 or 6 => async store =>
            {
                // In the right epoch most of the time.
                var now = await store.SyncAsync(circuit, new() { Instance = "reader", Epoch = 0, State = CircuitState.Closed, Reason = "" });
                return await store.TakeProbeAsync(circuit, owner, epoch == 0 ? 0 : now.Epoch, time.Value);
            },
            _ => async store =>
            {
                await store.ReleaseProbeAsync(circuit, owner);
                return await store.SyncAsync(circuit, new() { Instance = "reader", Epoch = 0, State = CircuitState.Closed, Reason = "" });
            },
        };
    }

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];

    private static string Shown(SharedCircuit circuit) =>
        $"{circuit.Epoch} {circuit.State} {LeftShown(circuit.BreakLeft)} {circuit.Breaks} {circuit.ChangedBy} {circuit.Reason} {string.Join(',', circuit.Votes)} {circuit.HasProbe}";

    // A moment may still last a little in the answer that begins it.
    private static string LeftShown(TimeSpan? left) => left is null ? "endless" : left < Hour / 2 ? "short" : "long";

    private static string Shown(SharedSlots slots, bool isScarceKnown) =>
        $"{slots.Held} {(isScarceKnown ? slots.AreScarce : null)} {string.Join(',', slots.ByInstance.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}{one.Value}"))}";
}
