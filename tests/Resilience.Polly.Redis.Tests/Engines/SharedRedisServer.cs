[assembly: AssemblyFixture(typeof(Resilience.Polly.Redis.Tests.SharedRedisServer))]

namespace Resilience.Polly.Redis.Tests;

/// <summary>One redis-server for all tests that do it no harm.</summary>
public sealed class SharedRedisServer : IDisposable
{
    private readonly Lazy<Task<RedisServerProcess>> _server = new(() => RedisServerProcess.StartAsync());

    public async Task<string> AddressAsync() => (await _server.Value).Address;

    public void Dispose()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            _server.Value.Result.Dispose();
        }
    }
}
