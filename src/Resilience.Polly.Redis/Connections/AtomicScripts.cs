using Resilience.Polly.Redis.Scripts;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Connections;

/// <summary>Finds out whether a server runs scripts atomically: a script looks at a key for about a millisecond, while another connection changes that key.</summary>
/// <remarks>It needs two connections: a server without atomic scripts still runs all commands of one connection in turn.</remarks>
internal static class AtomicScripts
{
    private const int Rounds = 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeyLives = TimeSpan.FromSeconds(10);

    /// <returns>False if a command came in the middle of a script.</returns>
    public static async Task<bool> CheckAsync(IConnectionMultiplexer connection, RedisServer server, string keyPrefix)
    {
        RedisKey key = $"{keyPrefix}:{{check:{Guid.NewGuid():N}}}";
        var scripts = connection.GetDatabase();
        var other = await server.OpenAnotherAsync().WaitAsync(Limit).ConfigureAwait(false);
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            var value = 0;
            for (var round = 0; round < Rounds; round++)
            {
                var looks = scripts.ScriptEvaluateAsync(RedisScript.CheckAtomic.Text, [key], [], CommandFlags.DemandMaster);
                do
                {
                    await other.GetDatabase().StringSetAsync(key, ++value, KeyLives, flags: CommandFlags.DemandMaster).WaitAsync(limit.Token).ConfigureAwait(false);
                }
                while (!looks.IsCompleted);

                if (!(bool)await looks.ConfigureAwait(false))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            await other.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        }
    }
}
