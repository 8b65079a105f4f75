using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Resilience.Polly.Redis.Primitives;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Connections;

/// <summary>The channels that this instance listens to. StackExchange.Redis subscribes again after each reconnection.</summary>
internal sealed class RedisChannels(ILogger logger) : IDisposable
{
    private const int MaxLooks = 20;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, Action<byte[]>> _listeners = [];
    private readonly ConcurrentDictionary<string, ChannelMessageQueue> _subscribed = [];
    private readonly SemaphoreSlim _gate = new(1);

    public void Add(string channel, Action<byte[]> received) => _listeners[channel] = received;

    /// <summary>Subscribes to the channels that are not subscribed to yet.</summary>
    /// <remarks>The driver may connect for messages a little later than for commands.</remarks>
    public async Task SubscribeAsync(ISubscriber subscriber, TimeProvider clock)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            foreach (var (channel, received) in _listeners)
            {
                if (!_subscribed.ContainsKey(channel))
                {
                    for (var looks = 0; !subscriber.IsConnected(RedisChannel.Literal(channel)) && looks < MaxLooks; looks++)
                    {
                        await Task.Delay(BetweenLooks, clock).ConfigureAwait(false);
                    }

                    // The queue hands on one message after the other.
                    var queue = await subscriber.SubscribeAsync(RedisChannel.Literal(channel)).ConfigureAwait(false);
                    queue.OnMessage(message => Receive(channel, received, message.Message));
                    _subscribed[channel] = queue;
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        foreach (var queue in _subscribed.Values)
        {
            queue.Unsubscribe(CommandFlags.FireAndForget);
        }

        _gate.Dispose();
    }

    private void Receive(string channel, Action<byte[]> received, RedisValue message)
    {
        try
        {
            received((byte[]?)message ?? []);
        }
        catch (FormatException)
        {
            Log.Unreadable(logger, channel);
        }
    }
}
