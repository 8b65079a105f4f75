using System.Globalization;
using Polly.CircuitBreaker;
using Resilience.Polly.Redis.Connections;
using Resilience.Polly.Redis.Scripts;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Stores;

/// <summary>Shared circuits in Redis. One hash and one sorted set for each; one channel for the news of all.</summary>
internal sealed class RedisCircuitStore : ISharedCircuitStore
{
    /// <summary>How long Redis keeps a circuit that no instance asks for. Running instances ask every few seconds.</summary>
    private static readonly RedisValue Keep = RedisFields.Milliseconds(TimeSpan.FromDays(7));

    private readonly RedisConnection _redis;
    private readonly NewsListeners<(string Name, SharedCircuit Circuit)> _listeners = new();
    private readonly string _channel;

    public RedisCircuitStore(RedisConnection redis)
    {
        _redis = redis;
        _channel = $"{redis.KeyPrefix}:circuits";
    }

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> VoteAsync(string circuit, SharedCircuitVote vote, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(vote);
        ArgumentException.ThrowIfNullOrEmpty(vote.Instance, nameof(vote));
        RedisFields.ThrowIfNotPositive(vote.Break, nameof(vote));
        return RunAsync(
            RedisScript.CircuitVote, circuit, cancellationToken, vote.Instance, vote.Epoch, vote.Quorum, RedisFields.Milliseconds(vote.Break), vote.Breaks, vote.Reason);
    }

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> ChangeAsync(string circuit, SharedCircuitChange change, CancellationToken cancellationToken = default) =>
        ChangeAsync(RedisScript.CircuitChange, circuit, change, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> SyncAsync(string circuit, SharedCircuitChange known, CancellationToken cancellationToken = default) =>
        ChangeAsync(RedisScript.CircuitSync, circuit, known, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<SharedCircuit> TakeProbeAsync(string circuit, string owner, long epoch, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        RedisFields.ThrowIfNotPositive(lease, nameof(lease));
        var wasSent = _redis.IsAvailable;
        try
        {
            return await RunAsync(RedisScript.CircuitProbe, circuit, cancellationToken, owner, epoch, RedisFields.Milliseconds(lease)).ConfigureAwait(false);
        }
        catch (Exception exception) when (wasSent && exception is SharedStateUnavailableException or OperationCanceledException)
        {
            // The command may still run later. Nobody would use the lease, and others would wait for it.
            _redis.Send(RedisScript.CircuitRelease, Keys(circuit), Values(circuit, owner));
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseProbeAsync(string circuit, string owner, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        await RunAsync(RedisScript.CircuitRelease, circuit, cancellationToken, owner).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<string, SharedCircuit> changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var listener = _listeners.Add(news => changed(news.Name, news.Circuit));
        _redis.Listen(_channel, Receive);
        return listener;
    }

    // What circuit.lua answers and publishes.
    private static SharedCircuit Read(ReadOnlySpan<string> values)
    {
        if (values.Length < 7)
        {
            throw new FormatException("Values of the circuit are missing.");
        }

        var isChanged = values[4].Length > 0;
        string[] votes = [.. values[7..]];
        Array.Sort(votes, StringComparer.Ordinal);
        return new()
        {
            Epoch = long.Parse(values[0], CultureInfo.InvariantCulture),
            State = values[1] switch
            {
                nameof(CircuitState.Closed) => CircuitState.Closed,
                nameof(CircuitState.Open) => CircuitState.Open,
                nameof(CircuitState.Isolated) => CircuitState.Isolated,
                _ => throw new FormatException("The state of the circuit is unknown."),
            },
            BreakLeft = values[2].Length == 0 ? null : RedisFields.Time(values[2]),
            Breaks = int.Parse(values[3], CultureInfo.InvariantCulture),
            ChangedBy = isChanged ? values[4] : null,
            Reason = isChanged ? values[5] : null,
            HasProbe = values[6] == "1",
            Votes = votes,
        };
    }

    private ValueTask<SharedCircuit> ChangeAsync(RedisScript script, string circuit, SharedCircuitChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentException.ThrowIfNullOrEmpty(change.Instance, nameof(change));
        if (change.State is not (CircuitState.Closed or CircuitState.Open or CircuitState.Isolated))
        {
            throw new ArgumentOutOfRangeException(nameof(change), change.State, "Closed, Open or Isolated is expected.");
        }

        var lasts = change is { Break: { } time, State: not CircuitState.Closed } ? RedisFields.Milliseconds(time) : RedisValue.EmptyString;
        return RunAsync(
            script, circuit, cancellationToken, change.Instance, change.Epoch, change.IsForced ? "1" : "0", change.State.ToString(), lasts, change.Breaks, change.Reason);
    }

    private async ValueTask<SharedCircuit> RunAsync(RedisScript script, string circuit, CancellationToken cancellationToken, params RedisValue[] values)
    {
        ArgumentException.ThrowIfNullOrEmpty(circuit);
        return Read(RedisFields.Texts(await _redis.RunAsync(script, Keys(circuit), Values(circuit, values), cancellationToken).ConfigureAwait(false)));
    }

    private RedisKey[] Keys(string circuit) => [$"{_redis.KeyPrefix}:{{circuit:{circuit}}}", $"{_redis.KeyPrefix}:{{circuit:{circuit}}}:votes"];

    private RedisValue[] Values(string circuit, params ReadOnlySpan<RedisValue> values) => [_channel, circuit, Keep, .. values];

    private void Receive(byte[] message)
    {
        var values = RedisFields.Unpack(message);
        _listeners.Tell((values[0], Read([.. values[1..]])));
    }
}
