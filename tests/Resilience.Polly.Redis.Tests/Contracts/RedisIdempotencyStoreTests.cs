using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Redis.Tests;

/// <summary>The contract of <see cref="IIdempotencyStore"/>, on a Redis.</summary>
public abstract class RedisIdempotencyStoreTests : IdempotencyStoreContract, IAsyncLifetime
{
    private IIdempotencyStore? _store;

    protected override IIdempotencyStore Store => _store!;

    protected override TimeSpan ShortLease => TimeSpan.FromMilliseconds(600);

    protected RedisClients Clients { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Clients = new(await AddressAsync());
        _store = (await Clients.OpenAsync()).GetRequiredService<IIdempotencyStore>();
    }

    public async ValueTask DisposeAsync()
    {
        await (Clients?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected abstract Task<string> AddressAsync();

    protected override async Task PassAsync(TimeSpan time) => await Task.Delay(time + TimeSpan.FromMilliseconds(20));
}

public sealed class GarnetIdempotencyStoreTests(GarnetEngine engine) : RedisIdempotencyStoreTests
{
    protected override Task<string> AddressAsync() => Task.FromResult(engine.Address);
}

public sealed class RedisServerIdempotencyStoreTests(SharedRedisServer server) : RedisIdempotencyStoreTests
{
    protected override Task<string> AddressAsync() => server.AddressAsync();
}
