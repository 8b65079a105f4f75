using StackExchange.Redis;

namespace Resilience.Polly.Redis.Connections;

/// <summary>A connection of our own: it gives up early, keeps no commands for later, and comes back by itself.</summary>
internal sealed class OwnServer : RedisServer
{
    /// <summary>What a connection string may set otherwise.</summary>
    private const string Defaults = "connectTimeout=500,connectRetry=1,syncTimeout=100,asyncTimeout=100,configChannel=,tiebreaker=";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(200);

    private readonly ConfigurationOptions _configuration;
    private Task<IConnectionMultiplexer>? _connection;

    /// <exception cref="ArgumentException">The text is no connection string. The message does not have the text, which may hold a password.</exception>
    public OwnServer(string configuration)
    {
        try
        {
            _configuration = ConfigurationOptions.Parse($"{Defaults},{configuration}");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw NotValid("it has a part that StackExchange.Redis does not know", nameof(configuration));
        }

        if (_configuration.EndPoints.Count == 0)
        {
            throw NotValid("it names no server", nameof(configuration));
        }

        _configuration.SetDefaultPorts();
        _configuration.AbortOnConnectFail = false;
        _configuration.BacklogPolicy = BacklogPolicy.FailFast;
        _configuration.HeartbeatInterval = Heartbeat;
        _configuration.ReconnectRetryPolicy = new LinearRetry(250);
        _configuration.IncludeDetailInExceptions = false;
        Name = NameOf(_configuration.EndPoints);
    }

    public override string Name { get; }

    /// <summary>Lets the driver wait for a command at least as long as callers do.</summary>
    public OwnServer WaitAtLeast(TimeSpan time)
    {
        _configuration.AsyncTimeout = Math.Max(_configuration.AsyncTimeout, (int)Math.Ceiling(time.TotalMilliseconds));
        return this;
    }

    public override Task<IConnectionMultiplexer> ConnectAsync() => _connection is { IsFaulted: false } ? _connection : _connection = OpenAnotherAsync();

    public override async Task<IConnectionMultiplexer> OpenAnotherAsync() => await ConnectionMultiplexer.ConnectAsync(_configuration.Clone()).ConfigureAwait(false);

    public override async Task CloseAsync()
    {
        if (_connection is { } connection)
        {
            await ((Task)connection).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (connection.IsCompletedSuccessfully)
            {
                // Without waiting for answers: a frozen server gives none.
                await (await connection.ConfigureAwait(false)).CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
            }
        }
    }

    private static ArgumentException NotValid(string fault, string argument) =>
        new($"This is no connection string for Redis: {fault}. Write one such as \"localhost:6379,user=NAME,password=PASSWORD,ssl=true\". The text is not shown, since it may hold a password.", argument);
}
