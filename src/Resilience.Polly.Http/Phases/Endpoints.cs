using System.Collections.Concurrent;
using System.Net;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// The servers of one handler. Each server has one <see cref="Endpoint"/> while it has users, and none afterwards: a crawler
/// meets more servers than fit into memory.
/// </summary>
/// <param name="maxConnections">The most connections to one server.</param>
/// <param name="poolOf">The address of the connection pool: that of a forward proxy, or the server's own.</param>
internal sealed class Endpoints(int maxConnections, Func<Uri, Uri>? poolOf = null)
{
    private readonly ConcurrentDictionary<(string Scheme, string Host, int Port), Endpoint> _known = new();

    public int Count => _known.Count;

    /// <summary>The endpoint of a server. It is kept until <see cref="Endpoint.Exit"/> was called as often as this.</summary>
    public Endpoint Enter(Uri address)
    {
        var pool = poolOf?.Invoke(address) ?? address;
        return Enter((pool.Scheme, pool.IdnHost, pool.Port));
    }

    /// <summary>The endpoint of a server whose scheme is unknown, such as a proxy.</summary>
    public Endpoint Enter(DnsEndPoint address) => Enter(("", address.Host, address.Port));

    private Endpoint Enter((string Scheme, string Host, int Port) server)
    {
        while (true)
        {
            var endpoint = _known.GetOrAdd(server, static (key, owner) => new Endpoint(owner.Max, e => owner.Forget(key, e)), this);
            if (endpoint.TryEnter())
            {
                return endpoint;
            }
        }
    }

    private int Max => maxConnections;

    private void Forget((string Scheme, string Host, int Port) server, Endpoint endpoint) => _known.TryRemove(new(server, endpoint));
}

/// <summary>
/// Which pool a request uses: that of its server, or of the proxy that forwards plain HTTP. Such a proxy has one pool for all servers behind it.
/// https uses tunnels, which are connections to the server.
/// </summary>
internal sealed class PoolAddress(SocketsHttpHandler handler)
{
    // A separate pool, even if the proxy itself is called directly.
    private const string Forwarding = "forward";

    public Uri Of(Uri address)
    {
        if (address.Scheme != Uri.UriSchemeHttp || !handler.UseProxy)
        {
            return address;
        }

        try
        {
            var proxy = handler.Proxy ?? HttpClient.DefaultProxy;
            return !proxy.IsBypassed(address) && proxy.GetProxy(address) is { } forward && IsForwarding(forward)
                ? new UriBuilder(Forwarding, forward.IdnHost, forward.Port).Uri
                : address;
        }
        catch (Exception) // .NET uses no proxy if asking for one fails
        {
            return address;
        }
    }

    // SOCKS proxies open tunnels for http too.
    private static bool IsForwarding(Uri proxy) => proxy.Scheme == Uri.UriSchemeHttp || proxy.Scheme == Uri.UriSchemeHttps;
}
