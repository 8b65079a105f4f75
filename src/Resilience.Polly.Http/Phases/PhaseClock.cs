namespace Resilience.Polly.Http;

/// <summary>
/// Measures the phases of one attempt, and ends it when one takes too long. Used again for another attempt afterwards, so
/// every call says which message it is about, and is passed over when that is not the one being measured.
/// </summary>
#pragma warning disable CA1001 // disposed by End when it is not used again; its source never, since the transport may still listen to it
internal sealed class PhaseClock : IConnectionWaiter
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly LazyTimer _timer;
    private readonly ConnectionWait _wait;
    private readonly CancellationTokenSource _source = new();
    private AttemptMessage? _message;
    private CancellationToken _callerToken;
    private CancellationTokenRegistration _caller;
    private volatile bool _acquired;
    private Ending _ending;

    // The phase whose time runs, once there is a connection.
    private TimeoutPhase _phase;

    // The address that the connection was for. A redirect gives the message another one.
    private Uri? _address;
    private bool _answered;

    public PhaseClock(TimeProvider time)
    {
        _time = time;
        _timer = new LazyTimer(time, static clock => ((PhaseClock)clock!).TimerCame(), this);
        _wait = new ConnectionWait(this, time);
    }

    private enum Ending
    {
        None,
        TimedOut,
        GivenUp,
    }

    /// <summary>Cancelled when a limit was hit, or when the caller gives up.</summary>
    public CancellationToken Token => _source.Token;

    public CancellationToken CallerToken => _callerToken;

    /// <summary>Whether the attempt need not wait, or has done so.</summary>
    public bool HasConnection => _acquired;

    /// <summary>The attempt begins, without a connection.</summary>
    public void Begin(AttemptMessage message, CancellationToken callerToken)
    {
        lock (_lock)
        {
            (_message, message.Clock) = (message, this);
            _callerToken = callerToken;
            (_acquired, _address, _answered) = (false, null, false);
            _ending = Ending.None;
            _wait.Begin(message);
        }

        _caller = callerToken.UnsafeRegister(static clock => ((PhaseClock)clock!).GiveUp(), this);
    }

    /// <summary>The attempt did not get a connection at once; from here on its waiting is measured.</summary>
    public void WaitAt(AttemptMessage message, Endpoint endpoint) => Waits(message, endpoint, static (wait, _, endpoint) => wait.At(endpoint));

    /// <summary>A connection is being opened on behalf of this attempt, which may yet be served by another one.</summary>
    public void Connecting(AttemptMessage message, Connection connection) =>
        Waits(message, connection, static (wait, message, connection) => wait.Connecting(message, connection));

    /// <summary>The connections of the server have changed, and with them perhaps what this attempt waits for.</summary>
    public void LookAgain() => Waits(_message, this, static (wait, _, _) => wait.LookAgain());

    /// <summary>The answer names another address. If the transport follows it, the attempt waits for another connection.</summary>
    public void MayBeRedirected(AttemptMessage message, Endpoints endpoints)
    {
        lock (_lock)
        {
            if (IsRunning(message) && _acquired && !_answered)
            {
                _acquired = false;
                _wait.MayBeRedirected(message, endpoints);
                _timer.Set(_wait.Since, _wait.Left);
            }
        }
    }

    /// <summary>The head of the answer that the caller gets is there.</summary>
    public void Answered(AttemptMessage message)
    {
        lock (_lock)
        {
            if (IsRunning(message))
            {
                _wait.Stop();
                _acquired = _answered = true;
                _timer.Clear();
            }
        }
    }

    /// <summary>A connection is there, and the head of the request is being written.</summary>
    public void Acquired(AttemptMessage message)
    {
        if (_acquired && ReferenceEquals(_address, message.RequestUri))
        {
            return;
        }

        lock (_lock)
        {
            if (!IsRunning(message) || _answered)
            {
                return;
            }

            _address = message.RequestUri;
            _acquired = true;
            message.MayHaveArrived = true;
            _wait.Stop();
            if (message.Content is null)
            {
                Run(TimeoutPhase.Read, message.Limits.Read);
            }
            else if (message.Headers.ExpectContinue == true && message.Limits.Read != Timeout.InfiniteTimeSpan)
            {
                // Nothing is written until the server says so, or has not said so for some time.
                Run(TimeoutPhase.Read, message.Limits.Read + message.ContinueTimeout);
            }
            else
            {
                _timer.Clear();
            }
        }
    }

    /// <summary>There is nothing to hear of connections: what comes before the first byte counts to the phase of that byte.</summary>
    public void AcquiredUnseen(AttemptMessage message)
    {
        lock (_lock)
        {
            _acquired = true;
            var phase = message.Content is null ? TimeoutPhase.Read : TimeoutPhase.Write;
            Run(phase, message.Limits.Of(phase));
        }
    }

    /// <summary>From now on the time of a phase runs, from zero.</summary>
    public void Start(AttemptMessage message, TimeoutPhase phase)
    {
        lock (_lock)
        {
            if (IsRunning(message))
            {
                Run(phase, message.Limits.Of(phase));
            }
        }
    }

    /// <summary>No time runs: the next move is somebody else's.</summary>
    public void Stop(AttemptMessage message)
    {
        lock (_lock)
        {
            if (IsRunning(message))
            {
                _timer.Clear();
            }
        }
    }

    /// <summary>The caller does not want the answer any more.</summary>
    public void GiveUp()
    {
        lock (_lock)
        {
            if (_message is null || _ending != Ending.None)
            {
                return;
            }

            _ending = Ending.GivenUp;
            _wait.Stop();
            _timer.Clear();
        }

        _source.Cancel();
    }

    /// <summary>What ended the attempt, if it was this clock or the caller; otherwise the failure as it is.</summary>
    public Exception Explain(AttemptMessage message, Exception failure)
    {
        lock (_lock)
        {
            return _message != message ? failure : _ending switch
            {
                Ending.TimedOut => new PhaseTimeoutException(_phase, message.Limits.Of(_phase), failure),
                Ending.GivenUp when failure is OperationCanceledException cancelled && cancelled.CancellationToken != _callerToken =>
                    new TaskCanceledException(failure.Message, failure, _callerToken),
                _ => failure,
            };
        }
    }

    /// <summary>The attempt is over.</summary>
    /// <returns>Whether the clock may measure another one; one that has cancelled its attempt may not.</returns>
    public bool End(AttemptMessage message)
    {
        lock (_lock)
        {
            if (_message != message)
            {
                return false;
            }

            _wait.Stop();
            _timer.Clear();
            (_message, message.Clock) = (null, null);
        }

        // Waits for a cancellation under way, so that it cannot reach the next attempt.
        _caller.Dispose();
        _callerToken = default;
        if (_ending == Ending.None && _source.TryReset())
        {
            return true;
        }

        _timer.Dispose();
        return false;
    }

    private bool IsRunning(AttemptMessage message) => _message == message && _ending == Ending.None;

    private bool IsWaiting(AttemptMessage message) => IsRunning(message) && !_acquired;

    private void Run(TimeoutPhase phase, TimeSpan limit)
    {
        _phase = phase;
        _timer.Set(_time.GetTimestamp(), limit);
    }

    private void Waits<T>(AttemptMessage? message, T with, Action<ConnectionWait, AttemptMessage, T> turn)
    {
        lock (_lock)
        {
            if (message is not null && IsWaiting(message))
            {
                turn(_wait, message, with);
                _timer.Set(_wait.Since, _wait.Left);
            }
        }
    }

    private void TimerCame()
    {
        Connection? opening;
        lock (_lock)
        {
            if (!_timer.HasPassed() || _message is null || _ending != Ending.None)
            {
                return;
            }

            if (!_acquired && !_wait.IsOver(_message))
            {
                _timer.Set(_wait.Since, _wait.Left);
                return;
            }

            _ending = Ending.TimedOut;
            _phase = _acquired ? _phase : _wait.Phase;
            opening = _acquired ? null : _wait.Opening;
            _wait.Stop();
        }

        opening?.GiveUp();
        _source.Cancel();
    }
}
