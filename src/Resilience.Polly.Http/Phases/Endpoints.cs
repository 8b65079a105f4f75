using System.Collections.Concurrent;
using System.Net;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// The servers of one handler. There is one <see cref="Endpoint"/> per server as long as anybody uses it, and none afterwards: a crawler
/// meets more servers than memory should hold.
/// </summary>
/// <param name="maxConnections">How many connections one server may have.</param>
/// <param name="poolOf">The address by which the handler keeps connections: that of a forward proxy, or the server's own.</param>
internal sealed class Endpoints(int maxConnections, Func<Uri, Uri>? poolOf = null)
{
    private readonly ConcurrentDictionary<(string Scheme, string Host, int Port), Endpoint> _known = new();

    public int Count => _known.Count;

    /// <summary>The endpoint of a server. It is not forgotten before <see cref="Endpoint.Exit"/> was called as often.</summary>
    public Endpoint Enter(Uri address)
    {
        var pool = poolOf?.Invoke(address) ?? address;
        return Enter((pool.Scheme, pool.IdnHost, pool.Port));
    }

    /// <summary>The endpoint of a server whose scheme is not known, such as a proxy.</summary>
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
/// Whose connections a request waits for: those of its server, or of the proxy that forwards plain HTTP. Such a proxy has one pool for all servers behind it;
/// https goes through tunnels, which are connections to the server.
/// </summary>
internal sealed class PoolAddress(SocketsHttpHandler handler)
{
    // A pool of its own, also where the proxy is asked for something directly.
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
#pragma warning disable CA1031 // .NET takes no proxy where asking for one fails
        catch (Exception)
#pragma warning restore CA1031
        {
            return address;
        }
    }

    // SOCKS proxies open tunnels for http too.
    private static bool IsForwarding(Uri proxy) => proxy.Scheme == Uri.UriSchemeHttp || proxy.Scheme == Uri.UriSchemeHttps;
}
