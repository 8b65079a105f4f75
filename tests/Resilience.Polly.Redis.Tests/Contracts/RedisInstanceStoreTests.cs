using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Redis.Tests;

/// <summary>The contract of <see cref="ISharedInstanceStore"/>, on a Redis.</summary>
public abstract class RedisInstanceStoreTests : SharedInstanceStoreContract, IAsyncLifetime
{
    private ISharedInstanceStore? _store;

    protected override ISharedInstanceStore Store => _store!;

    protected override TimeSpan Moment => TimeSpan.FromMilliseconds(600);

    protected RedisClients Clients { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Clients = new(await AddressAsync());
        _store = (await Clients.OpenAsync()).GetRequiredService<ISharedInstanceStore>();
    }

    public async ValueTask DisposeAsync()
    {
        await (Clients?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected abstract Task<string> AddressAsync();

    protected override async Task PassAsync(TimeSpan time) => await Task.Delay(time + TimeSpan.FromMilliseconds(20));

    protected override ISharedInstanceStore OpenOther() => Clients.Open().GetRequiredService<ISharedInstanceStore>();
}

public sealed class GarnetInstanceStoreTests(GarnetEngine engine) : RedisInstanceStoreTests
{
    protected override Task<string> AddressAsync() => Task.FromResult(engine.Address);
}

public sealed class RedisServerInstanceStoreTests(SharedRedisServer server) : RedisInstanceStoreTests
{
    protected override Task<string> AddressAsync() => server.AddressAsync();
}
