using Resilience.Polly.Redis.Connections;
using Resilience.Polly.Redis.Scripts;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Stores;

/// <summary>Idempotency keys in Redis: a hash for each.</summary>
internal sealed class RedisIdempotencyStore(RedisConnection redis) : IIdempotencyStore
{
    public async ValueTask<IdempotencyEntry> ClaimAsync(string key, IdempotencyClaim claim, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentException.ThrowIfNullOrEmpty(claim.Owner, nameof(claim));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(claim.Lease, TimeSpan.Zero, nameof(claim));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(claim.Retention, TimeSpan.Zero, nameof(claim));
        var answer = (RedisResult[])(await RunAsync(
            RedisScript.IdempotencyClaim, key, cancellationToken,
            claim.Owner, claim.Fingerprint, RedisFields.Milliseconds(claim.Lease), RedisFields.Milliseconds(claim.Retention), claim.TakesAbandoned ? "1" : "0").ConfigureAwait(false))!;
        return (string)answer[0]! switch
        {
            nameof(IdempotencyStatus.Claimed) => new() { Status = IdempotencyStatus.Claimed },
            nameof(IdempotencyStatus.Running) => new() { Status = IdempotencyStatus.Running, LeaseLeft = RedisFields.Time((string)answer[1]!) },
            nameof(IdempotencyStatus.Completed) => new() { Status = IdempotencyStatus.Completed, Result = (byte[])answer[1]! },
            nameof(IdempotencyStatus.Mismatch) => new() { Status = IdempotencyStatus.Mismatch },
            _ => new() { Status = IdempotencyStatus.Abandoned, IsCommitted = (string?)answer[1] == "1" },
        };
    }

    public async ValueTask<bool> RenewAsync(string key, string owner, TimeSpan lease, bool isCommitted, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return (bool)await RunAsync(RedisScript.IdempotencyRenew, key, cancellationToken, owner, RedisFields.Milliseconds(lease), isCommitted ? "1" : "0").ConfigureAwait(false);
    }

    public async ValueTask<bool> CompleteAsync(string key, string owner, ReadOnlyMemory<byte> result, TimeSpan retention, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(retention, TimeSpan.Zero);
        return (bool)await RunAsync(RedisScript.IdempotencyComplete, key, cancellationToken, owner, result, RedisFields.Milliseconds(retention)).ConfigureAwait(false);
    }

    public async ValueTask<bool> AbandonAsync(string key, string owner, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        return (bool)await RunAsync(RedisScript.IdempotencyAbandon, key, cancellationToken, owner).ConfigureAwait(false);
    }

    private ValueTask<RedisResult> RunAsync(RedisScript script, string key, CancellationToken cancellationToken, params RedisValue[] values)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return redis.RunAsync(script, [$"{redis.KeyPrefix}:{{idempotency:{key}}}"], values, cancellationToken);
    }
}
