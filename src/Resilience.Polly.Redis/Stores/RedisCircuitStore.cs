using System.Globalization;
using Polly.CircuitBreaker;
using Resilience.Polly.Primitives;
using Resilience.Polly.Redis.Connections;
using Resilience.Polly.Redis.Scripts;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Stores;

/// <summary>Shared circuits in Redis. One hash and one sorted set for each; one channel for the news of all.</summary>
internal sealed class RedisCircuitStore(RedisConnection redis) : ISharedCircuitStore
{
    /// <summary>How long Redis keeps a circuit that no instance asks for. Running instances ask every few seconds.</summary>
    private static readonly RedisValue Keep = RedisFields.Milliseconds(TimeSpan.FromDays(7));

    private readonly string _channel = $"{redis.KeyPrefix}:circuits";

    private event Action<string, SharedCircuit>? Changed;

    public ValueTask<SharedCircuit> VoteAsync(string circuit, SharedCircuitVote vote, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(vote);
        ArgumentException.ThrowIfNullOrEmpty(vote.Instance, nameof(vote));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(vote.Break, TimeSpan.Zero, nameof(vote));
        return RunAsync(
            RedisScript.CircuitVote, circuit, cancellationToken, vote.Instance, vote.Epoch, vote.Quorum, RedisFields.Milliseconds(vote.Break), vote.Breaks, vote.Reason);
    }

    public ValueTask<SharedCircuit> ChangeAsync(string circuit, SharedCircuitChange change, CancellationToken cancellationToken = default) =>
        ChangeAsync(RedisScript.CircuitChange, circuit, change, cancellationToken);

    public ValueTask<SharedCircuit> SyncAsync(string circuit, SharedCircuitChange known, CancellationToken cancellationToken = default) =>
        ChangeAsync(RedisScript.CircuitSync, circuit, known, cancellationToken);

    public ValueTask<SharedCircuit> TakeProbeAsync(string circuit, string owner, long epoch, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return RunAsync(RedisScript.CircuitProbe, circuit, cancellationToken, owner, epoch, RedisFields.Milliseconds(lease));
    }

    public async ValueTask ReleaseProbeAsync(string circuit, string owner, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        await RunAsync(RedisScript.CircuitRelease, circuit, cancellationToken, owner).ConfigureAwait(false);
    }

    public IDisposable Subscribe(Action<string, SharedCircuit> changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        Changed += changed;
        redis.Listen(_channel, Receive);
        return new Subscription(() => Changed -= changed);
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
        RedisKey[] keys = [$"{redis.KeyPrefix}:{{circuit:{circuit}}}", $"{redis.KeyPrefix}:{{circuit:{circuit}}}:votes"];
        return Read(RedisFields.Texts(await redis.RunAsync(script, keys, [_channel, circuit, Keep, .. values], cancellationToken).ConfigureAwait(false)));
    }

    private void Receive(byte[] message)
    {
        var values = RedisFields.Unpack(message);
        Changed?.Invoke(values[0], Read([.. values[1..]]));
    }
}
