using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Redis.Tests;

/// <summary>The contract of <see cref="ISharedCircuitStore"/>, on a Redis.</summary>
public abstract class RedisCircuitStoreTests : SharedCircuitStoreContract, IAsyncLifetime
{
    private ISharedCircuitStore? _store;

    protected override ISharedCircuitStore Store => _store!;

    protected override TimeSpan Moment => TimeSpan.FromMilliseconds(600);

    protected RedisClients Clients { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Clients = new(await AddressAsync());
        _store = (await Clients.OpenAsync()).GetRequiredService<ISharedCircuitStore>();
    }

    public async ValueTask DisposeAsync()
    {
        await (Clients?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected abstract Task<string> AddressAsync();

    protected override async Task PassAsync(TimeSpan time) => await Task.Delay(time + TimeSpan.FromMilliseconds(20));

    protected override ISharedCircuitStore OpenOther() => Clients.Open().GetRequiredService<ISharedCircuitStore>();

    protected override Task LoseDataAsync() => Clients.LoseDataAsync();

    protected override Task ListeningAsync() => Clients.ListeningAsync("circuits");
}

public sealed class GarnetCircuitStoreTests(GarnetEngine engine) : RedisCircuitStoreTests
{
    protected override Task<string> AddressAsync() => Task.FromResult(engine.Address);
}

public sealed class RedisServerCircuitStoreTests(SharedRedisServer server) : RedisCircuitStoreTests
{
    protected override Task<string> AddressAsync() => server.AddressAsync();
}
