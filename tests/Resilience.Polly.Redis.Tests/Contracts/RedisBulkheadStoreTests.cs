using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Redis.Tests;

/// <summary>The contract of <see cref="ISharedBulkheadStore"/>, on a Redis.</summary>
public abstract class RedisBulkheadStoreTests : SharedBulkheadStoreContract, IAsyncLifetime
{
    private ISharedBulkheadStore? _store;

    protected override ISharedBulkheadStore Store => _store!;

    protected override TimeSpan Moment => TimeSpan.FromMilliseconds(600);

    protected RedisClients Clients { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Clients = new(await AddressAsync());
        _store = (await Clients.OpenAsync()).GetRequiredService<ISharedBulkheadStore>();
    }

    public async ValueTask DisposeAsync()
    {
        await (Clients?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected abstract Task<string> AddressAsync();

    protected override async Task PassAsync(TimeSpan time) => await Task.Delay(time + TimeSpan.FromMilliseconds(20));

    protected override ISharedBulkheadStore OpenOther() => Clients.Open().GetRequiredService<ISharedBulkheadStore>();

    protected override Task ListeningAsync() => Clients.ListeningAsync("bulkheads");
}

public sealed class GarnetBulkheadStoreTests(GarnetEngine engine) : RedisBulkheadStoreTests
{
    protected override Task<string> AddressAsync() => Task.FromResult(engine.Address);
}

public sealed class RedisServerBulkheadStoreTests(SharedRedisServer server) : RedisBulkheadStoreTests
{
    protected override Task<string> AddressAsync() => server.AddressAsync();
}
