namespace Resilience.Polly.Http.Phases;

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
