using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Tests;

/// <summary>Instances of an application on one server, with keys of their own.</summary>
public sealed class RedisClients(string address) : IAsyncDisposable
{
    private readonly List<ServiceProvider> _applications = [];
    private readonly Lock _gate = new();
    private ConnectionMultiplexer? _direct;

    public string Prefix { get; } = $"test-{Guid.NewGuid():N}";

    public LogRecorder Log { get; } = new("Resilience.Polly.Redis");

    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    public static async Task UntilAsync(Func<bool> condition) => await UntilAsync(() => Task.FromResult(condition()));

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    /// <summary>Another instance. Its callers wait long, unless <paramref name="configure"/> says otherwise: the machine of the tests is busy.</summary>
    public ServiceProvider Open(Action<RedisOptions>? configure = null, Action<IServiceCollection>? add = null, string? more = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Trace));
        add?.Invoke(services);
        services.AddResilience().AddRedis($"{address},connectTimeout=5000,asyncTimeout=5000,syncTimeout=5000{more}", options =>
        {
            options.KeyPrefix = Prefix;
            options.CommandTimeout = TimeSpan.FromSeconds(5);
            configure?.Invoke(options);
        });
        var application = services.BuildServiceProvider();
        lock (_gate)
        {
            _applications.Add(application);
        }

        return application;
    }

    /// <summary>Another instance that is connected.</summary>
    public async Task<ServiceProvider> OpenAsync(Action<RedisOptions>? configure = null, Action<IServiceCollection>? add = null, string? more = null)
    {
        var application = Open(configure, add, more);
        var connection = application.GetRequiredService<ISharedStateConnection>();
        try
        {
            await UntilAsync(async () =>
            {
                try
                {
                    await application.GetRequiredService<ISharedInstanceStore>().LeaveAsync("nobody");
                    return connection.IsAvailable;
                }
                catch (SharedStateUnavailableException)
                {
                    return false;
                }
            });
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The instance did not connect:\n{Log.Lines.Aggregate("", (all, line) => $"{all}{line}\n")}");
        }

        return application;
    }

    /// <summary>A plain connection to the server, to look at it.</summary>
    public async Task<ConnectionMultiplexer> DirectAsync()
    {
        var configuration = ConfigurationOptions.Parse($"{address},allowAdmin=true,syncTimeout=20000,asyncTimeout=20000");
        configuration.ReconnectRetryPolicy = new LinearRetry(250);
        return _direct ??= await ConnectionMultiplexer.ConnectAsync(configuration);
    }

    public async Task<RedisKey[]> KeysAsync()
    {
        var direct = await DirectAsync();
        return [.. direct.GetServers()[0].Keys(pattern: $"{Prefix}*")];
    }

    /// <summary>Forgets all keys of these instances. The server may have others.</summary>
    public async Task LoseDataAsync()
    {
        var keys = await KeysAsync();
        await (await DirectAsync()).GetDatabase().KeyDeleteAsync(keys);
    }

    /// <summary>Ends when somebody listens to the channel.</summary>
    public async Task ListeningAsync(string channel)
    {
        var direct = await DirectAsync();
        await UntilAsync(async () => await direct.GetServers()[0].SubscriptionSubscriberCountAsync(RedisChannel.Literal($"{Prefix}:{channel}")) > 0);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var application in _applications)
        {
            await application.DisposeAsync();
        }

        await (_direct?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
