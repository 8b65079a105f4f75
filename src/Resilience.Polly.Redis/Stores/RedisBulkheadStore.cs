using System.Globalization;
using System.Text;
using Resilience.Polly.Primitives;
using Resilience.Polly.Redis.Connections;
using Resilience.Polly.Redis.Scripts;

namespace Resilience.Polly.Redis.Stores;

/// <summary>Slots of shared bulkheads in Redis. One hash for each bulkhead; one channel for the news of all.</summary>
internal sealed class RedisBulkheadStore(RedisConnection redis) : ISharedBulkheadStore
{
    /// <summary>How long a need is remembered that its instance does not repeat.</summary>
    private static readonly TimeSpan Need = TimeSpan.FromSeconds(1);

    private readonly string _channel = $"{redis.KeyPrefix}:bulkheads";

    private event Action<string>? Changed;

    public async ValueTask<SharedSlots> HoldAsync(string bulkhead, SharedSlotsRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(bulkhead);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(request.Instance, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.Sequence, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.Wanted, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.Needed, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Limit, nameof(request));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(request.Lease, TimeSpan.Zero, nameof(request));
        var answer = RedisFields.Texts(await redis.RunAsync(
            RedisScript.BulkheadHold,
            [$"{redis.KeyPrefix}:{{bulkhead:{bulkhead}}}"],
            [
                _channel, bulkhead, request.Instance, request.Sequence, request.Wanted, request.Needed, request.Limit,
                RedisFields.Milliseconds(request.Lease), RedisFields.Milliseconds(Need),
            ],
            cancellationToken).ConfigureAwait(false));
        return new()
        {
            Held = Number(answer[0]),
            AreScarce = answer[1] == "1",
            ByInstance = answer.Skip(2).Chunk(2).ToDictionary(pair => pair[0], pair => Number(pair[1]), StringComparer.Ordinal),
        };
    }

    public IDisposable Subscribe(Action<string> changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        Changed += changed;
        redis.Listen(_channel, message => Changed?.Invoke(Encoding.UTF8.GetString(message)));
        return new Subscription(() => Changed -= changed);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
