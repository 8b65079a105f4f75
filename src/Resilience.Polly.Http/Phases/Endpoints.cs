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
