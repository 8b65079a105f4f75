using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// Observes a <see cref="SocketsHttpHandler"/> through four of its public hooks: a connection is being
/// opened, is open, serves a request, and has received an answer. Hooks of the application keep working.
/// </summary>
internal sealed class ConnectionHooks
{
    // A handler accepts hooks only before its first request, but an application may return one handler again and again.
    private static readonly ConditionalWeakTable<SocketsHttpHandler, ConnectionHooks> Installed = new();

    // The connections that are being opened for a request, the latest first.
    private readonly ConditionalWeakTable<HttpRequestMessage, Connection> _opening = new();
    private readonly Func<TimeSpan> _usualLimit;
    private readonly TimeProvider _time;
    private readonly Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? _connect;
    private readonly Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>>? _filter;
    private readonly HeaderEncodingSelector<HttpRequestMessage>? _requestEncoding;
    private readonly HeaderEncodingSelector<HttpRequestMessage>? _responseEncoding;

    private ConnectionHooks(SocketsHttpHandler handler, Func<TimeSpan> usualLimit, TimeProvider time)
    {
        (_usualLimit, _time) = (usualLimit, time);
        Endpoints = new Endpoints(handler.MaxConnectionsPerServer, new PoolAddress(handler).Of);
        (_connect, handler.ConnectCallback) = (handler.ConnectCallback, ConnectAsync);
        (_filter, handler.PlaintextStreamFilter) = (handler.PlaintextStreamFilter, OpenedAsync);
        (_requestEncoding, handler.RequestHeaderEncodingSelector) = (handler.RequestHeaderEncodingSelector, Writes);
        (_responseEncoding, handler.ResponseHeaderEncodingSelector) = (handler.ResponseHeaderEncodingSelector, Reads);
    }

    public Endpoints Endpoints { get; }

    /// <param name="handler">The handler.</param>
    /// <param name="usualLimit">The connect limit for a connection whose request is unknown, such as one to a proxy.</param>
    /// <param name="time">The clock for the limits.</param>
    /// <returns><see langword="null"/> if the handler has sent a request or was disposed: it accepts no hooks any more.</returns>
    public static ConnectionHooks? TryInstall(SocketsHttpHandler handler, Func<TimeSpan> usualLimit, TimeProvider time)
    {
        try
        {
            return Installed.GetValue(handler, sockets => new ConnectionHooks(sockets, usualLimit, time));
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The attempt waits for a connection to the server of its message.</summary>
    public void WaitAtEndpoint(PhaseClock clock, AttemptMessage message)
    {
        var endpoint = Endpoints.Enter(message.RequestUri!);
        clock.WaitAt(message, endpoint);
        endpoint.Exit();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var request = context.InitialRequestMessage as AttemptMessage;
        var endpoint = request?.RequestUri is { } address ? Endpoints.Enter(address) : Endpoints.Enter(context.DnsEndPoint);
        var connection = new Connection(endpoint, request?.Limits.Connect ?? _usualLimit(), _time);
        Remember(context.InitialRequestMessage, connection);
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
        if (context.PlaintextStream is ITracked { Connection: var own })
        {
            Forget(context.InitialRequestMessage, own);
            own.Opened(multiplexed);
        }
        else if (_opening.TryGetValue(context.InitialRequestMessage, out var latest))
        {
            // TLS hides the stream. A request has more than one connection here only if it was redirected while one was still being opened.
            var reached = latest.ReachedLast();
            Forget(context.InitialRequestMessage, reached);
            reached?.Opened(multiplexed);
        }
        else if (context.InitialRequestMessage is AttemptMessage request)
        {
            // Through a proxy: the connection for the proxy's CONNECT request has become a connection to the server.
            var connection = new Connection(Endpoints.Enter(request.RequestUri!), Timeout.InfiniteTimeSpan, _time);
            stream = new TrackedStream(stream, connection);
            connection.Opened(multiplexed);
        }

        return stream;
    }

    private void Remember(HttpRequestMessage message, Connection connection)
    {
        lock (_opening)
        {
            connection.Earlier = _opening.TryGetValue(message, out var earlier) && earlier.IsOpening ? earlier : null;
            _opening.AddOrUpdate(message, connection);
        }
    }

    private void Forget(HttpRequestMessage message, Connection? connection)
    {
        lock (_opening)
        {
            if (_opening.TryGetValue(message, out var latest) && latest == connection)
            {
                _opening.Remove(message);
                if (latest.Earlier is { } earlier)
                {
                    _opening.Add(message, earlier);
                    latest.Earlier = null;
                }
            }
        }
    }

    /// <summary>
    /// Called once per header, on the request's own path, when a connection (HTTP/2: a stream) was assigned to it. No
    /// hook exists for that moment; a canary test checks this one.
    /// </summary>
    private Encoding? Writes(string header, HttpRequestMessage message)
    {
        if (message is AttemptMessage request)
        {
            request.Clock?.Acquired(request);
        }

        return _requestEncoding?.Invoke(header, message);
    }

    /// <summary>Called once per header of the answer, even if the handler follows the answer itself. A canary test checks this one too.</summary>
    private Encoding? Reads(string header, HttpRequestMessage message)
    {
        if (message is AttemptMessage request && header.Equals("Location", StringComparison.OrdinalIgnoreCase))
        {
            request.Clock?.MayBeRedirected(request, Endpoints);
        }

        return _responseEncoding?.Invoke(header, message);
    }
}
