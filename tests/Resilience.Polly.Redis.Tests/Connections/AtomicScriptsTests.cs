using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Tests;

/// <summary>The check at start that nothing runs in the middle of a script.</summary>
public sealed class AtomicScriptsTests(GarnetEngine garnet, SharedRedisServer redis)
{
    [Fact]
    public async Task Server_without_atomic_scripts_is_found_and_not_used()
    {
        using var engine = GarnetEngine.WithoutAtomicScripts();
        for (var start = 0; start < 20; start++)
        {
            await using var clients = new RedisClients(engine.Address);
            var application = clients.Open();
            var store = application.GetRequiredService<IIdempotencyStore>();

            // Until the check has ended, the reason is that there is no connection yet.
            await RedisClients.UntilAsync(async () =>
                (await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await store.RenewAsync("k", "o", TimeSpan.FromSeconds(1), false))).Message
                == $"Redis at {engine.Address} cannot be used: it does not run scripts atomically.");
            Assert.False(application.GetRequiredService<ISharedStateConnection>().IsAvailable);
            Assert.Single(clients.Log.Lines, line => line.StartsWith($"Error: Redis at {engine.Address} does not run scripts atomically: ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task It_is_found_over_a_connection_of_the_application_too()
    {
        using var engine = GarnetEngine.WithoutAtomicScripts();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(engine.Address);
        var services = new ServiceCollection();
        services.AddResilience().AddRedis(connection, options => options.CommandTimeout = TimeSpan.FromSeconds(10));
        await using var application = services.BuildServiceProvider();

        await Assert.ThrowsAsync<SharedStateUnavailableException>(
            async () => await application.GetRequiredService<IIdempotencyStore>().RenewAsync("k", "o", TimeSpan.FromSeconds(1), false));
    }

    [Fact]
    public async Task Garnet_with_transactions_passes() => await PassesAsync(garnet.Address);

    [Fact]
    public async Task Redis_passes() => await PassesAsync(await redis.AddressAsync());

    private static async Task PassesAsync(string address)
    {
        for (var start = 0; start < 5; start++)
        {
            await using var clients = new RedisClients(address);
            var application = await clients.OpenAsync();

            Assert.True(application.GetRequiredService<ISharedStateConnection>().IsAvailable);
            Assert.Empty(clients.Log.Lines);
        }
    }
}
