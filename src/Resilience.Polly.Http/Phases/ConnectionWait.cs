using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// What an attempt without a connection waits for: a place in the pool, or a connection that is being opened. After a redirect it waits
/// again, for a connection to the next hop. Its clock calls it under the clock's lock.
/// </summary>
internal sealed class ConnectionWait(IConnectionWaiter waiter, TimeProvider time)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(1);

    private WaitBudget _budget;
    private bool _multiplexed;
    private Endpoint? _endpoint;
    private Connection? _connection;

    // Set by an answer that may be a redirect, until the wait ends; holds the address that answered.
    private Endpoints? _redirecting;
    private Uri? _answering;

    /// <summary>The limit that runs.</summary>
    public TimeoutPhase Phase { get; private set; }

    /// <summary>When the clock must check, as a timestamp: then the limit is over, unless <see cref="IsOver"/> is false.</summary>
    public long Due { get; private set; } = LazyTimer.Never;

    /// <summary>The awaited connection, if it is being opened for this attempt.</summary>
    public Connection? Opening => Phase == TimeoutPhase.Connect ? _connection : null;

    public void Begin(AttemptMessage message)
    {
        _budget = new WaitBudget(message.Limits, time.GetTimestamp());
        _multiplexed = message.Version.Major >= 2;
        Due = LazyTimer.Never;
    }

    /// <summary>The attempt did not get a connection at once. Its wait counts from the beginning.</summary>
    public void At(Endpoint endpoint)
    {
        // After a redirect it had its connection, and may wait for one to another server.
        if (_redirecting is null)
        {
            Join(endpoint);
        }
    }

    /// <summary>The answer names another address. If the transport follows it, the message soon has a new address and waits for a connection.</summary>
    public void MayBeRedirected(AttemptMessage message, Endpoints endpoints)
    {
        Begin(message);
        (_redirecting, _answering) = (endpoints, message.RequestUri);
        (Phase, Due) = (TimeoutPhase.Read, LazyTimer.DueAfter(time, _budget.Since, Shorter(message.Limits.Pool, message.Limits.Connect)));
    }

    /// <summary>A connection is being opened for this attempt, although another one may serve it.</summary>
    public void Connecting(AttemptMessage message, Connection connection)
    {
        _connection = connection;
        JoinNextHop(message);
        LookAgain();
    }

    /// <summary>Determines again what the attempt waits for.</summary>
    public void LookAgain()
    {
        if (_endpoint is not null)
        {
            _budget.Turn(Present(_endpoint), time.GetTimestamp(), time);
            Measure();
        }
    }

    /// <summary>
    /// Whether the limit is over, now that <see cref="Due"/> has passed. No event shows that the transport has started the next hop, so this
    /// checks for it only now. Until then the attempt waits for the rest of the answer's head, under the read limit.
    /// </summary>
    public bool IsOver(AttemptMessage message)
    {
        if (_redirecting is null || _endpoint is not null)
        {
            return true;
        }

        JoinNextHop(message);
        if (_endpoint is not null)
        {
            return false;
        }

        var (now, read) = (time.GetTimestamp(), message.Limits.Read);
        var elapsed = time.GetElapsedTime(_budget.Since, now);
        var again = elapsed < Glance ? Glance : elapsed; // rarely more than once: the rest of the head follows at once
        if (read != Timeout.InfiniteTimeSpan && elapsed >= read)
        {
            return true;
        }

        Due = LazyTimer.DueAfter(time, now, read == Timeout.InfiniteTimeSpan ? again : Shorter(again, read - elapsed));
        return false;
    }

    public void Stop()
    {
        _endpoint?.Leave(waiter);
        (_endpoint, _connection) = (null, null);
        (_redirecting, _answering) = (null, null);
    }

    private void JoinNextHop(AttemptMessage message)
    {
        if (_redirecting is not null && _endpoint is null && !ReferenceEquals(_answering, message.RequestUri))
        {
            var endpoint = _redirecting.Enter(message.RequestUri!);
            Join(endpoint);
            endpoint.Exit();
        }
    }

    private void Join(Endpoint endpoint)
    {
        _endpoint = endpoint;
        endpoint.Join(waiter);
        _budget.Start(Present(endpoint));
        Measure();
    }

    private void Measure() => (Phase, Due) = (_budget.Phase, LazyTimer.DueAfter(time, _budget.Since, _budget.Left));

    private TimeoutPhase Present(Endpoint endpoint) =>
        _connection is { IsOpening: true } || !endpoint.IsFull(_multiplexed) ? TimeoutPhase.Connect : TimeoutPhase.Pool;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) =>
        other == Timeout.InfiniteTimeSpan || (one != Timeout.InfiniteTimeSpan && one < other) ? one : other;
}

/// <summary>
/// The time budget of an attempt without a connection. It counts for the pool or for connecting, and may switch between them. Each
/// keeps what it has used up. Otherwise requests that share a stalled connection would wait for one after another.
/// </summary>
internal struct WaitBudget(PhaseLimits limits, long now)
{
    private TimeSpan _pool = limits.Pool;
    private TimeSpan _connect = limits.Connect;

    /// <summary>The timestamp from which the current phase is measured.</summary>
    public long Since { get; private set; } = now;

    public TimeoutPhase Phase { get; private set; } = TimeoutPhase.Connect;

    /// <summary>What the current phase had left at <see cref="Since"/>.</summary>
    public readonly TimeSpan Left => Phase == TimeoutPhase.Pool ? _pool : _connect;

    /// <summary>Sets the phase once it is known for the first time; it applies from the beginning.</summary>
    public void Start(TimeoutPhase phase) => Phase = phase;

    /// <summary>Subtracts what the current phase has used up, and continues with the new phase.</summary>
    public void Turn(TimeoutPhase phase, long now, TimeProvider time)
    {
        var elapsed = time.GetElapsedTime(Since, now);
        if (Phase == TimeoutPhase.Pool)
        {
            _pool = Less(_pool, elapsed);
        }
        else
        {
            _connect = Less(_connect, elapsed);
        }

        (Phase, Since) = (phase, now);
    }

    private static TimeSpan Less(TimeSpan left, TimeSpan elapsed) =>
        left == Timeout.InfiniteTimeSpan ? left
        : left > elapsed ? left - elapsed
        : TimeSpan.Zero;
}
