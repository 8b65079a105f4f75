using StackExchange.Redis;
using Resilience.Polly.Redis.Scripts;

namespace Resilience.Polly.Redis.Connections;

/// <summary>Finds out whether a server runs scripts atomically, by running many at once over several connections.</summary>
/// <remarks>One connection is not enough: a server without atomic scripts still runs those of one connection in turn.</remarks>
internal static class AtomicScripts
{
    private const int Connections = 4;
    private const int ScriptsAtOnce = 25;
    private const int Rounds = 12;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <returns>False if some script came in between another one.</returns>
    public static async Task<bool> CheckAsync(RedisServer server, string keyPrefix)
    {
        var connections = new List<IConnectionMultiplexer>();
        try
        {
            for (var connection = 0; connection < Connections; connection++)
            {
                connections.Add(await server.OpenAnotherAsync().WaitAsync(Limit).ConfigureAwait(false));
            }

            RedisKey[] keys = [$"{keyPrefix}:{{check:{Guid.NewGuid():N}}}"];
            for (var round = 1; round <= Rounds; round++)
            {
                var counts = connections.SelectMany(connection => Enumerable.Range(0, ScriptsAtOnce).Select(_ => CountAsync(connection, keys)));
                await Task.WhenAll(counts).WaitAsync(Limit).ConfigureAwait(false);
                var count = await CountAsync(connections[0], keys).WaitAsync(Limit).ConfigureAwait(false);
                if (count != round * ((Connections * ScriptsAtOnce) + 1))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            foreach (var connection in connections)
            {
                await connection.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
            }
        }
    }

    private static async Task<long> CountAsync(IConnectionMultiplexer connection, RedisKey[] keys) =>
        (long)await connection.GetDatabase().ScriptEvaluateAsync(RedisScript.CheckAtomic.Text, keys, [], CommandFlags.DemandMaster).ConfigureAwait(false);
}
