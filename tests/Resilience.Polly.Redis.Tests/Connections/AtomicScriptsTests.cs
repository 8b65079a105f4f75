using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Tests;

/// <summary>The check at start that nothing runs in the middle of a script.</summary>
/// <remarks>
/// It sees only what happens while it looks: a script and a write that need a processor each at the same time. So these tests run alone, and a few starts of many may miss it.
/// </remarks>
[Collection(nameof(Alone))]
public sealed class AtomicScriptsTests(GarnetEngine garnet, SharedRedisServer redis, ITestOutputHelper output)
{
    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;

    [Fact]
    public async Task Server_without_atomic_scripts_is_found_and_not_used()
    {
        const int Starts = 20;
        using var engine = GarnetEngine.WithoutAtomicScripts();
        var found = 0;
        for (var start = 0; start < Starts; start++)
        {
            await using var clients = new RedisClients(engine.Address);
            var application = clients.Open();
            if (await ReasonAsync(application) is { } reason)
            {
                found++;
                Assert.Equal($"Redis at {engine.Address} cannot be used: it does not run scripts atomically.", reason);
                Assert.False(application.GetRequiredService<ISharedStateConnection>().IsAvailable);
                Assert.Single(clients.Log.Lines, line => line.StartsWith($"Error: Redis at {engine.Address} does not run scripts atomically: ", StringComparison.Ordinal));
            }
        }

        output.WriteLine($"found at {found} of {Starts} starts");
        Assert.InRange(found, Starts * 3 / 4, Starts);
    }

    [Fact]
    public async Task It_is_found_over_a_connection_of_the_application_too()
    {
        using var engine = GarnetEngine.WithoutAtomicScripts();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(engine.Address);
        string? reason = null;
        for (var start = 0; start < 5 && reason is null; start++)
        {
            var services = new ServiceCollection();
            services.AddResilience().AddRedis(connection, options => options.CommandTimeout = TimeSpan.FromSeconds(10));
            await using var application = services.BuildServiceProvider();
            reason = await ReasonAsync(application);
        }

        Assert.EndsWith("it does not run scripts atomically.", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garnet_with_transactions_passes() => await PassesAsync(garnet.Address);

    [Fact]
    public async Task Redis_passes() => await PassesAsync(await redis.AddressAsync());

    /// <summary>Why the server cannot be used, once the check has ended; <see langword="null"/> if it is used.</summary>
    private static async Task<string?> ReasonAsync(ServiceProvider application)
    {
        string? reason = null;
        await RedisClients.UntilAsync(async () =>
        {
            reason = (await Record.ExceptionAsync(async () => await application.GetRequiredService<IIdempotencyStore>().RenewAsync("k", "o", TimeSpan.FromSeconds(1), false)))?.Message;
            return reason?.EndsWith("it is not connected yet.", StringComparison.Ordinal) != true;
        });
        return reason;
    }

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
