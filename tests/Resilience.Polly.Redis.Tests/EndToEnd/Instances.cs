using System.Globalization;

namespace Resilience.Polly.Redis.Tests.EndToEnd;

/// <summary>Some instances of one application, their backend, and the Redis that they share.</summary>
internal sealed class Instances : IAsyncDisposable
{
    private readonly List<Instance> _all = [];
    private readonly RedisServerProcess? _server;

    private Instances(Backend backend, RedisServerProcess? server) => (Backend, _server) = (backend, server);

    public Backend Backend { get; }

    /// <summary>The redis-server, where the test has one of its own.</summary>
    public RedisServerProcess Server => _server!;

    public string Prefix { get; } = $"e2e-{Guid.NewGuid():N}";

    public IReadOnlyList<Instance> All => _all;

    public Instance this[int number] => _all[number];

    /// <summary>Instances on a redis-server that the test may harm.</summary>
    public static async Task<Instances> StartAsync(int count, params string[] settings)
    {
        var server = await RedisServerProcess.StartAsync();
        return await StartAsync(server.Address, server, count, settings);
    }

    /// <summary>Instances on a server that other tests use too.</summary>
    public static Task<Instances> StartOnAsync(string address, int count, params string[] settings) => StartAsync(address, null, count, settings);

    /// <summary>The wait for a condition, from <paramref name="since"/> until it held.</summary>
    public static async Task<TimeSpan> UntilAsync(long since, Func<Task<bool>> condition)
    {
        await RedisClients.UntilAsync(condition);
        return TimeProvider.System.GetElapsedTime(since);
    }

    public static void Print(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    public static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

    /// <summary>Whether all that run say so.</summary>
    public async Task<bool> AllAsync(Func<InstanceState, bool> condition, params Instance[] but) =>
        (await Task.WhenAll(_all.Except(but).Select(instance => instance.StateAsync()))).All(condition);

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _all)
        {
            await instance.DisposeAsync();
        }

        await Backend.DisposeAsync();
        _server?.Dispose();
    }

    private static async Task<Instances> StartAsync(string address, RedisServerProcess? server, int count, string[] settings)
    {
        var all = new Instances(await Backend.StartAsync(), server);
        try
        {
            // The limits are wide, since the machine of the tests is busy. A later setting of the test replaces one of these.
            string[] common =
            [
                $"Server={address},connectTimeout=5000,asyncTimeout=20000,syncTimeout=20000", $"Backend={all.Backend.Address}", $"Redis:KeyPrefix={all.Prefix}",
                "Redis:CommandTimeout=00:00:10", "Redis:SyncInterval=00:00:00.5", "Idempotency:StoreTimeout=00:00:20", "Resilience:Defaults:Retry:MaxAttempts=1",
                "Resilience:Defaults:Timeout:Total=00:02:00", "Resilience:Defaults:Timeout:Attempt=00:02:00",
            ];
            all._all.AddRange(await Task.WhenAll(Enumerable.Range(0, count).Select(number => Instance.StartAsync($"i{number}", [.. common, .. settings]))));
            await RedisClients.UntilAsync(() => all.AllAsync(state => state is { IsAvailable: true, IsAlone: false } && state.Instances.Count == count));
            return all;
        }
        catch
        {
            await all.DisposeAsync();
            throw;
        }
    }
}
