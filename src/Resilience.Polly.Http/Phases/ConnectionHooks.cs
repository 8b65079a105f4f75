using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Resilience.Polly.Http;

/// <summary>
/// Hears from a <see cref="SocketsHttpHandler"/> what it is doing, through three of its public hooks: a connection is being
/// opened, is open, and serves a request. What the application has hooked in itself goes on working.
/// </summary>
internal sealed class ConnectionHooks
{
    // A handler takes hooks only before its first request, but an application may hand out one handler again and again.
    private static readonly ConditionalWeakTable<SocketsHttpHandler, ConnectionHooks> Installed = new();

    private readonly ConcurrentDictionary<(string Scheme, string Host, int Port), Endpoint> _endpoints = new();
    private readonly ConditionalWeakTable<HttpRequestMessage, Connection> _opening = new();
    private readonly PoolAddress _pools;
    private readonly int _maxConnections;
    private readonly Func<TimeSpan> _usualLimit;
    private readonly TimeProvider _time;
    private readonly Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? _connect;
    private readonly Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>>? _filter;
    private readonly HeaderEncodingSelector<HttpRequestMessage>? _encoding;

    private ConnectionHooks(SocketsHttpHandler handler, Func<TimeSpan> usualLimit, TimeProvider time)
    {
        _pools = new PoolAddress(handler);
        _usualLimit = usualLimit;
        _time = time;
        _maxConnections = handler.MaxConnectionsPerServer;
        MostRedirects = handler.AllowAutoRedirect ? handler.MaxAutomaticRedirections : 0;
        handler.AllowAutoRedirect = false;
        (_connect, handler.ConnectCallback) = (handler.ConnectCallback, ConnectAsync);
        (_filter, handler.PlaintextStreamFilter) = (handler.PlaintextStreamFilter, OpenedAsync);
        (_encoding, handler.RequestHeaderEncodingSelector) = (handler.RequestHeaderEncodingSelector, Writes);
    }

    /// <summary>How many redirects the handler would have followed; it is done in its place, since each is a request of its own.</summary>
    public int MostRedirects { get; }

    /// <param name="handler">The handler, before its first request.</param>
    /// <param name="usualLimit">The connect limit for a connection whose request is not known, such as one to a proxy.</param>
    /// <param name="time">Measures the limits.</param>
    public static ConnectionHooks On(SocketsHttpHandler handler, Func<TimeSpan> usualLimit, TimeProvider time) =>
        Installed.GetValue(handler, sockets => new ConnectionHooks(sockets, usualLimit, time));

    public Endpoint EndpointOf(Uri address)
    {
        var pool = _pools.Of(address);
        return _endpoints.GetOrAdd((pool.Scheme, pool.IdnHost, pool.Port), static (_, max) => new Endpoint(max), _maxConnections);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var request = context.InitialRequestMessage as AttemptMessage;
        var connection = new Connection(EndpointOf(request, context.DnsEndPoint), request?.Limits.Connect ?? _usualLimit(), _time);
        _opening.AddOrUpdate(context.InitialRequestMessage, connection);
        request?.Clock?.Connecting(request, connection);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connection.Token);
            if (_connect is not null)
            {
                var stream = await _connect(context, either.Token).ConfigureAwait(false);
                connection.Reached(stream);
                return new TrackedStream(stream, connection);
            }

            var socket = await DialAsync(context.DnsEndPoint, either.Token).ConfigureAwait(false);
            connection.Reached(socket);
            return new TrackedSocketStream(socket, connection);
        }
        catch
        {
            connection.Closed();
            throw;
        }
    }

    private static async Task<Socket> DialAsync(DnsEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>TCP and TLS are done.</summary>
    private async ValueTask<Stream> OpenedAsync(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken)
    {
        var stream = _filter is null ? context.PlaintextStream : await _filter(context, cancellationToken).ConfigureAwait(false);
        var multiplexed = context.NegotiatedHttpVersion.Major >= 2;
        if (_opening.TryGetValue(context.InitialRequestMessage, out var connection))
        {
            connection.Opened(multiplexed);
        }
        else if (context.InitialRequestMessage is AttemptMessage request)
        {
            // Through a proxy: what was dialled for the proxy's own CONNECT request has become a connection to the server.
            connection = new Connection(EndpointOf(request.RequestUri!), Timeout.InfiniteTimeSpan, _time);
            stream = new TrackedStream(stream, connection);
            connection.Opened(multiplexed);
        }

        return stream;
    }

    /// <summary>
    /// Asked for once per header, on the request's own path, when a connection (HTTP/2: a stream) was assigned to it. There is
    /// no hook that is meant to tell that; a canary test watches over this one.
    /// </summary>
    private Encoding? Writes(string header, HttpRequestMessage message)
    {
        if (message is AttemptMessage request)
        {
            request.Clock?.Acquired(request);
        }

        return _encoding?.Invoke(header, message);
    }

    private Endpoint EndpointOf(AttemptMessage? request, DnsEndPoint address) => request?.RequestUri is { } uri
        ? EndpointOf(uri)
        : _endpoints.GetOrAdd(("", address.Host, address.Port), static (_, max) => new Endpoint(max), _maxConnections);
}
