using Resilience.Polly.Redis.Connections;
using Resilience.Polly.Redis.Scripts;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Stores;

/// <summary>The running instances in Redis: a sorted set.</summary>
internal sealed class RedisInstanceStore(RedisConnection redis) : ISharedInstanceStore
{
    private readonly RedisKey[] _keys = [$"{redis.KeyPrefix}:{{instances}}"];

    public async ValueTask<IReadOnlyList<string>> BeatAsync(string instance, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instance);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        var instances = RedisFields.Texts(await redis.RunAsync(RedisScript.InstanceBeat, _keys, [instance, RedisFields.Milliseconds(lifetime)], cancellationToken).ConfigureAwait(false));
        Array.Sort(instances, StringComparer.Ordinal);
        return instances;
    }

    public async ValueTask LeaveAsync(string instance, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instance);
        await redis.RunAsync(RedisScript.InstanceLeave, _keys, [instance], cancellationToken).ConfigureAwait(false);
    }
}
