using Resilience.Polly.Redis.Scripts;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Connections;

/// <summary>Finds out whether a server runs scripts atomically: a script looks at a key for about a millisecond, while another connection changes that key.</summary>
/// <remarks>It needs two connections: a server without atomic scripts still runs all commands of one connection in turn.</remarks>
internal static class AtomicScripts
{
    private const int Rounds = 20;

    // So many that the server always has one to run, wherever it is and however busy.
    private const int WritesUnderway = 64;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <returns>False if a command came in the middle of a script.</returns>
    public static async Task<bool> CheckAsync(IConnectionMultiplexer connection, RedisServer server, string keyPrefix)
    {
        RedisKey key = $"{keyPrefix}:{{check:{Guid.NewGuid():N}}}";
        var other = await server.OpenAnotherAsync().WaitAsync(Limit).ConfigureAwait(false);
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            while (!other.IsConnected)
            {
                await Task.Delay(BetweenLooks, limit.Token).ConfigureAwait(false);
            }

            var value = 0;
            for (var round = 0; round < Rounds; round++)
            {
                var looks = RunAsync(connection, RedisScript.CheckAtomic, key);
                do
                {
                    var writes = Enumerable.Range(0, WritesUnderway).Select(_ => RunAsync(other, RedisScript.CheckHealth, key, ++value));
                    await Task.WhenAll(writes).WaitAsync(limit.Token).ConfigureAwait(false);
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

    private static Task<RedisResult> RunAsync(IConnectionMultiplexer connection, RedisScript script, RedisKey key, params RedisValue[] values) =>
        connection.GetDatabase().ScriptEvaluateAsync(script.Text, [key], values, CommandFlags.DemandMaster);
}
