using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// What an attempt without a connection waits for: a place in the pool, or a connection that is being opened. A redirect makes it wait
/// again, for a connection to the next hop. Its clock calls it under the clock's lock.
/// </summary>
internal sealed class ConnectionWait(IConnectionWaiter waiter, TimeProvider time)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(1);

    private WaitBudget _budget;
    private bool _multiplexed;
    private Endpoint? _endpoint;
    private Connection? _connection;

    // Set from an answer that may be a redirect until the wait ends, with the address that answered.
    private Endpoints? _redirecting;
    private Uri? _answering;

    /// <summary>The limit that runs.</summary>
    public TimeoutPhase Phase { get; private set; }

    /// <summary>When the clock has to look, as a timestamp: the limit is over, or <see cref="IsOver"/> says that it is not.</summary>
    public long Due { get; private set; } = LazyTimer.Never;

    /// <summary>The connection that is waited for, where it is being opened on behalf of this attempt.</summary>
    public Connection? Opening => Phase == TimeoutPhase.Connect ? _connection : null;

    public void Begin(AttemptMessage message)
    {
        _budget = new WaitBudget(message.Limits, time.GetTimestamp());
        _multiplexed = message.Version.Major >= 2;
        Due = LazyTimer.Never;
    }

    /// <summary>The attempt did not get a connection at once. Its waiting is measured from the beginning.</summary>
    public void At(Endpoint endpoint)
    {
        // Where it is being redirected it has had its connection, and may wait for one to another server.
        if (_redirecting is null)
        {
            Join(endpoint);
        }
    }

    /// <summary>The answer names another address. If the transport follows it, the message has a new address soon, and then waits for a connection.</summary>
    public void MayBeRedirected(AttemptMessage message, Endpoints endpoints)
    {
        Begin(message);
        (_redirecting, _answering) = (endpoints, message.RequestUri);
        (Phase, Due) = (TimeoutPhase.Read, LazyTimer.DueAfter(time, _budget.Since, Shorter(message.Limits.Pool, message.Limits.Connect)));
    }

    /// <summary>A connection is being opened on behalf of this attempt, which may yet be served by another one.</summary>
    public void Connecting(AttemptMessage message, Connection connection)
    {
        _connection = connection;
        JoinNextHop(message);
        LookAgain();
    }

    /// <summary>Finds out again what is waited for.</summary>
    public void LookAgain()
    {
        if (_endpoint is not null)
        {
            _budget.Turn(Present(_endpoint), time.GetTimestamp(), time);
            Measure();
        }
    }

    /// <summary>
    /// Whether the limit is over, now that <see cref="Due"/> has passed. Nothing tells that the transport has turned to the next hop, so that is looked
    /// for only now. Until then the rest of the answer's head is waited for, under the read limit.
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
        var again = elapsed < Glance ? Glance : elapsed; // seldom more than once: the rest of the head follows at once
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
/// The time of an attempt that has no connection yet. It goes to the pool or to connecting, perhaps to and fro, and what
/// each has used up stays used up: otherwise requests that share a stalled connection would wait for one after another.
/// </summary>
internal struct WaitBudget(PhaseLimits limits, long now)
{
    private TimeSpan _pool = limits.Pool;
    private TimeSpan _connect = limits.Connect;

    /// <summary>The timestamp from which the present phase is measured.</summary>
    public long Since { get; private set; } = now;

    public TimeoutPhase Phase { get; private set; } = TimeoutPhase.Connect;

    /// <summary>What the present phase had left at <see cref="Since"/>.</summary>
    public readonly TimeSpan Left => Phase == TimeoutPhase.Pool ? _pool : _connect;

    /// <summary>Says what is waited for, when it is known for the first time: it holds from the beginning.</summary>
    public void Start(TimeoutPhase phase) => Phase = phase;

    /// <summary>Writes down what the present phase has used up, and goes on with the one that it is now.</summary>
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
