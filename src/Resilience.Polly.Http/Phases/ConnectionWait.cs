namespace Resilience.Polly.Http;

/// <summary>What an attempt without a connection waits for: a place in the pool, or a connection that is being opened. Its clock calls it under the clock's lock.</summary>
internal sealed class ConnectionWait(PhaseClock clock, TimeProvider time)
{
    private WaitBudget _budget;
    private bool _multiplexed;
    private Endpoint? _endpoint;
    private Connection? _connection;

    public TimeoutPhase Phase => _budget.Phase;

    /// <summary>When the limit of the present phase is over, as a timestamp.</summary>
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
        _endpoint = endpoint;
        endpoint.Join(clock);
        _budget.Start(Present(endpoint));
        Due = LazyTimer.DueAfter(time, _budget.Since, _budget.Left);
    }

    /// <summary>A connection is being opened on behalf of this attempt, which may yet be served by another one.</summary>
    public void Connecting(Connection connection)
    {
        _connection = connection;
        LookAgain();
    }

    /// <summary>Finds out again what is waited for.</summary>
    public void LookAgain()
    {
        if (_endpoint is not null)
        {
            var now = time.GetTimestamp();
            _budget.Turn(Present(_endpoint), now, time);
            Due = LazyTimer.DueAfter(time, now, _budget.Left);
        }
    }

    public void Stop()
    {
        _endpoint?.Leave(clock);
        (_endpoint, _connection) = (null, null);
    }

    private TimeoutPhase Present(Endpoint endpoint) =>
        _connection is { IsOpening: true } || !endpoint.IsFull(_multiplexed) ? TimeoutPhase.Connect : TimeoutPhase.Pool;
}
