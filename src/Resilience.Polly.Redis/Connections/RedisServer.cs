using System.Net;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Connections;

/// <summary>How to connect to Redis.</summary>
internal abstract class RedisServer
{
    /// <summary>The server, for people, without credentials.</summary>
    public abstract string Name { get; }

    /// <summary>The connection for all commands. Called again after an exception.</summary>
    public abstract Task<IConnectionMultiplexer> ConnectAsync();

    /// <summary>A further connection, for a check. The caller disposes it.</summary>
    public abstract Task<IConnectionMultiplexer> OpenAnotherAsync();

    /// <summary>Ends the connection for all commands, unless it is the application's.</summary>
    public virtual Task CloseAsync() => Task.CompletedTask;

    protected static string NameOf(IEnumerable<EndPoint> servers)
    {
        const int Shown = 3;
        var names = servers.Select(server => server switch
        {
            DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
            _ => server.ToString() ?? "",
        }).ToArray();
        var shown = names.Take(Shown).Aggregate("", (all, name) => all.Length == 0 ? name : $"{all}, {name}");
        return names.Length == 0 ? "Redis" : names.Length > Shown ? $"Redis at {shown} and {names.Length - Shown} more" : $"Redis at {shown}";
    }
}
