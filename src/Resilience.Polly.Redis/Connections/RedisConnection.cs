using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Resilience.Polly.Redis.Primitives;
using Resilience.Polly.Redis.Scripts;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Connections;

/// <summary>Runs scripts within a limit of time, and hears of messages. A caller waits at most <see cref="RedisOptions.CommandTimeout"/>, and not at all while Redis is known to be gone.</summary>
internal sealed class RedisConnection : ISharedStateConnection, IAsyncDisposable, IDisposable
{
    private const int TriesToCheck = 3;

    // The first answer also needs the code to be compiled and the script to be sent.
    private static readonly TimeSpan FirstAnswer = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenTriesToListen = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenAtomicChecks = TimeSpan.FromMinutes(1);

    private readonly RedisServer _server;
    private readonly RedisOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RedisHealth _health;
    private readonly RedisChannels _channels;
    private readonly ConcurrentDictionary<string, bool> _refusals = [];
    private readonly RedisKey[] _healthKeys;
    private volatile IConnectionMultiplexer? _connection;
    private bool _isTrusted;
    private int _triesToCheck;
    private long? _distrustedAt;
    private volatile bool _isDisposed;

    public RedisConnection(RedisServer server, RedisOptions options, TimeProvider clock, ILogger logger)
    {
        (_server, _options, _clock, _logger) = (server, options, clock, logger);
        _health = new(CheckAsync, () => Name, clock, logger);
        _channels = new(logger);
        _healthKeys = [$"{options.KeyPrefix}:{{health}}"];
    }

    public event Action? Restored
    {
        add => _health.Restored += value;
        remove => _health.Restored -= value;
    }

    public string Name => _server.Name;

    public bool IsAvailable => _health.IsUp;

    /// <summary>The beginning of all keys and channels.</summary>
    public string KeyPrefix => _options.KeyPrefix;

    /// <summary>Runs a script.</summary>
    /// <exception cref="SharedStateUnavailableException">Redis did not answer in time, or with an error. What was sent may still run.</exception>
    public async ValueTask<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_health.IsUp)
        {
            await FirstConnectAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await AskAsync(script, keys, values, _options.CommandTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var fault = RedisFault.Of(exception);
            Note(fault);
            throw Unavailable(fault.Reason);
        }
    }

    /// <summary>Hears of all messages in a channel, one after the other. Messages are lost while Redis is gone.</summary>
    public void Listen(string channel, Action<byte[]> received)
    {
        _channels.Add(channel, received);
        _health.Start();
        if (_health.IsUp)
        {
            _ = ListenAsync(isLate: false);
        }
    }

    public void Dispose() => _ = DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        _health.Dispose();
        if (_connection is { } connection)
        {
            connection.ConnectionFailed -= ConnectionFailed;
            connection.ConnectionRestored -= ConnectionRestored;
        }

        _channels.Dispose();
        await _server.CloseAsync().ConfigureAwait(false);
    }

    // A task that nobody awaits must not report its failure as unobserved.
    private static void Forget(Task task) => _ = task.ContinueWith(
        static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private SharedStateUnavailableException Unavailable(string reason) => new($"{Name} cannot be used: {reason}.");

    private async ValueTask FirstConnectAsync(CancellationToken cancellationToken)
    {
        if (!_health.FirstCheck.IsCompleted && !_isDisposed)
        {
            _health.Start();
            await _health.FirstCheck.WaitAsync(_options.CommandTimeout, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (!_health.FirstCheck.IsCompleted)
            {
                // Others need not wait as well.
                _health.Fail(new("it is not connected yet"));
            }
        }

        if (!_health.IsUp)
        {
            throw Unavailable(_health.Reason);
        }
    }

    private async Task<RedisResult> AskAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan limit, CancellationToken cancellationToken)
    {
        var answer = _connection!.GetDatabase().ScriptEvaluateAsync(script.Text, keys, values, CommandFlags.DemandMaster);
        if (answer.IsCompleted)
        {
            return await answer.ConfigureAwait(false);
        }

        try
        {
            return await answer.WaitAsync(limit, _clock, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Forget(answer);
        }
    }

    private void Note(RedisFault fault)
    {
        if (fault.IsLasting)
        {
            _health.Fail(fault);
        }
        else if (_refusals.TryAdd(fault.Reason, true))
        {
            Log.Refused(_logger, Name, fault.Reason);
        }
    }

    private async Task<RedisFault?> CheckAsync()
    {
        try
        {
            await ConnectAsync().ConfigureAwait(false);
            if (_connection is not { IsConnected: true })
            {
                return new("it cannot be reached");
            }

            if (!_isTrusted && !await HasAtomicScriptsAsync().ConfigureAwait(false))
            {
                return new("it does not run scripts atomically");
            }

            await AskAsync(RedisScript.CheckHealth, _healthKeys, [1], _health.FirstCheck.IsCompleted ? _options.CommandTimeout : FirstAnswer, CancellationToken.None).ConfigureAwait(false);
            if (!await TryListenAsync().ConfigureAwait(false))
            {
                _ = ListenAsync(isLate: true);
            }

            return null;
        }
        catch (Exception exception) // whatever the driver throws: Redis cannot be used
        {
            return RedisFault.Of(exception);
        }
    }

    private async Task ConnectAsync()
    {
        if (_connection is null)
        {
            var connection = await _server.ConnectAsync().ConfigureAwait(false);
            connection.ConnectionFailed += ConnectionFailed;
            connection.ConnectionRestored += ConnectionRestored;
            _connection = connection;
        }
    }

    // Checked once. A server that failed the check gets another one after a time, since it may have been replaced.
    private async Task<bool> HasAtomicScriptsAsync()
    {
        if (_distrustedAt is { } before && _clock.GetElapsedTime(before) < BetweenAtomicChecks)
        {
            return false;
        }

        try
        {
            _isTrusted = await AtomicScripts.CheckAsync(_connection!, _server, KeyPrefix).ConfigureAwait(false);
            if (!_isTrusted)
            {
                _distrustedAt = _clock.GetTimestamp();
                Log.NotAtomic(_logger, Name);
            }
        }
        catch (Exception exception) when (++_triesToCheck >= TriesToCheck) // such as too many connections: if it stays so the server is used without an answer, and the log says so
        {
            Log.NotChecked(_logger, Name, RedisFault.Of(exception).Reason);
            _isTrusted = true;
        }

        return _isTrusted;
    }

    // Until it succeeds. What was missed until then is found by those who hear that the server is back.
    private async Task ListenAsync(bool isLate)
    {
        while (!_isDisposed && !await TryListenAsync().ConfigureAwait(false))
        {
            isLate = true;
            await Task.Delay(BetweenTriesToListen, _clock).ConfigureAwait(false);
        }

        if (isLate)
        {
            _health.TellRestored();
        }
    }

    private async Task<bool> TryListenAsync()
    {
        try
        {
            await _channels.SubscribeAsync(_connection!.GetSubscriber(), _clock).WaitAsync(FirstAnswer, _clock).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) // the driver throws if its connection for messages is late or broken
        {
            if (RedisFault.Of(exception) is { IsLasting: false } fault)
            {
                Note(fault);
            }

            return false;
        }
    }

    private void ConnectionFailed(object? sender, ConnectionFailedEventArgs failure)
    {
        if (failure.ConnectionType != ConnectionType.Subscription)
        {
            _health.Fail(new($"the connection failed ({failure.FailureType})"));
        }
    }

    // Messages were lost until now, even if commands were answered.
    private void ConnectionRestored(object? sender, ConnectionFailedEventArgs connection)
    {
        if (connection.ConnectionType == ConnectionType.Subscription)
        {
            _health.TellRestored();
        }
    }
}
