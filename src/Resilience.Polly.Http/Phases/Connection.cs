using System.Net.Sockets;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// One connection, from the first try to open it to its end. While it is being opened it can be given up. Cancelling the request
/// does not do that: the pool would let it continue and occupy its place for seconds.
/// </summary>
#pragma warning disable CA1001 // a source without a timer has nothing to dispose, and its token may be read at any time
internal sealed class Connection
#pragma warning restore CA1001
{
    // The request that waits for this connection gives it up when its time is over. This limit is for a connection whose request
    // is gone: cancelled, or served over another connection.
    private static readonly TimeSpan Orphaned = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Endpoint _endpoint;
    private readonly CancellationTokenSource _givenUp = new();
    private readonly ITimer? _timer;
    private volatile State _state = State.Opening;
    private IDisposable? _transport;
    private bool _multiplexed;

    /// <param name="endpoint">The server. The connection uses it until it is closed.</param>
    /// <param name="limit">How long opening it may take.</param>
    /// <param name="time">The clock for the limit.</param>
    public Connection(Endpoint endpoint, TimeSpan limit, TimeProvider time)
    {
        _endpoint = endpoint;
        _endpoint.Opening();
        if (limit != Timeout.InfiniteTimeSpan)
        {
            // A connection outlives the request that opened it, and must not keep that request's ambient data.
            using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            _timer = time.CreateTimer(static c => ((Connection)c!).GiveUp(), this, limit + Orphaned, Timeout.InfiniteTimeSpan);
        }
    }

    private enum State
    {
        Opening,
        Open,
        Closed,
    }

    /// <summary>Cancelled when the connection is given up.</summary>
    public CancellationToken Token => _givenUp.Token;

    public bool IsOpening => _state == State.Opening;

    /// <summary>The connection that was being opened for the same request before.</summary>
    public Connection? Earlier { get; set; }

    /// <summary>TCP is connected. TLS may still follow; closing the TCP connection gives it up.</summary>
    public void Reached(IDisposable transport)
    {
        lock (_lock)
        {
            _transport = transport;
        }

        if (Token.IsCancellationRequested)
        {
            transport.Dispose();
        }
    }

    /// <summary>This connection or, if it has no TCP yet, the latest one before it that waits for TLS.</summary>
    public Connection? ReachedLast()
    {
        lock (_lock)
        {
            if (_state == State.Opening && _transport is not null)
            {
                return this;
            }
        }

        return Earlier?.ReachedLast();
    }

    /// <summary>Requests can be sent over it.</summary>
    public void Opened(bool multiplexed)
    {
        if (Move(State.Opening, State.Open))
        {
            _timer?.Dispose();
            _multiplexed = multiplexed;
            _endpoint.Opened(multiplexed);
        }
    }

    public void Closed()
    {
        if (Move(State.Opening, State.Closed))
        {
            _timer?.Dispose();
            _endpoint.Failed();
            _endpoint.Exit();
        }
        else if (Move(State.Open, State.Closed))
        {
            _endpoint.Closed(_multiplexed);
            _endpoint.Exit();
        }
    }

    /// <summary>Stops opening it; has no effect on an open connection.</summary>
    public void GiveUp()
    {
        IDisposable? transport;
        lock (_lock)
        {
            if (_state != State.Opening)
            {
                return;
            }

            transport = _transport;
        }

        try
        {
            _givenUp.Cancel();
            transport?.Dispose();
        }
        catch (SocketException)
        {
            // Both sides may close it at once; either way it is closed.
        }
    }

    private bool Move(State from, State to)
    {
        lock (_lock)
        {
            if (_state != from)
            {
                return false;
            }

            _state = to;
            return true;
        }
    }
}
