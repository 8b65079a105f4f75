using StackExchange.Redis;

namespace Resilience.Polly.Redis.Connections;

/// <summary>The connection of the application. It belongs to the application: nothing of it is changed, and it is not closed.</summary>
internal sealed class ApplicationServer(Func<IConnectionMultiplexer> find) : RedisServer
{
    private volatile IConnectionMultiplexer? _connection;

    public override string Name => _connection is { } connection ? NameOf(connection.GetEndPoints()) : "Redis";

    // The application may connect now, and wait for that.
    public override async Task<IConnectionMultiplexer> ConnectAsync() => _connection ??= await Task.Run(find).ConfigureAwait(false)
        ?? throw new InvalidOperationException("The application gave no connection.");

    public override async Task<IConnectionMultiplexer> OpenAnotherAsync()
    {
        var configuration = ConfigurationOptions.Parse((await ConnectAsync().ConfigureAwait(false)).Configuration);
        configuration.AbortOnConnectFail = true;
        return await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false);
    }
}
