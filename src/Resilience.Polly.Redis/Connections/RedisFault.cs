using StackExchange.Redis;

namespace Resilience.Polly.Redis.Connections;

/// <summary>Why Redis cannot be used.</summary>
/// <param name="Reason">For people. It never holds a message of the driver or the server, which may have keys, users or hosts.</param>
/// <param name="IsLasting">Whether it stays so for a time, so that nobody should ask.</param>
internal readonly record struct RedisFault(string Reason, bool IsLasting = true)
{
    /// <summary>Errors of a server that cannot do its work now, and can later. Any other one is about the command.</summary>
    private static readonly string[] OfServer =
        ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "OOM", "MISCONF", "NOREPLICAS", "NOAUTH", "WRONGPASS", "ERR max number of clients"];

    public static RedisFault Of(Exception exception) => exception switch
    {
        RedisServerException server => OfError(server.Message),
        RedisConnectionException connection => new($"the connection failed ({connection.FailureType})"),
        TimeoutException => new("it did not answer in time"),
        ObjectDisposedException => new("its connection was closed"),
        _ => new($"asking it failed ({exception.GetType().Name})"),
    };

    private static RedisFault OfError(string message)
    {
        // The first word is the kind of error.
        var kind = message.Split(' ')[0];
        var known = OfServer.FirstOrDefault(error => message.StartsWith(error, StringComparison.Ordinal));
        return new($"it answered with {(kind.All(char.IsAsciiLetterUpper) ? kind : "an error")}", known is not null);
    }
}
