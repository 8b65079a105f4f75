using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// Measures the phases of one attempt, and ends it when a phase takes too long. <see cref="MessageState"/> decides what runs when.
/// It is reused for other attempts. So every call names its message, and is ignored if that is not the
/// one being measured.
/// </summary>
#pragma warning disable CA1001 // End disposes it if it is not reused; its sources are never disposed, since the transport may still listen to them
internal sealed partial class PhaseClock : IConnectionWaiter, ITimerOwner
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private readonly IdlePool<PhaseClock> _pool;
    private readonly TimeProvider _time;
    private readonly LazyTimer _timer;
    private readonly ConnectionWait _wait;
    private readonly CancellationTokenSource _source = new();
    private readonly ReadCancellation _reads = new();
    private AttemptMessage? _message;
    private CancellationToken _callerToken;
    private CancellationTokenRegistration _caller;
    private volatile bool _acquired;
    private Ending _ending;
    private TimeoutPhase _exceeded;

    // The address of the connection. A redirect gives the message another one.
    private Uri? _address;

    // They apply once there is a connection.
    private MessageDeadlines _deadlines;

    // A handler has read the body and may have kept its bytes. Then the transport sends those and does not read the body again.
    private bool _bodyWasRead;

    // The answer was disposed during a read, which may still use the tokens.
    private bool _readGoesOn;

    public PhaseClock(IdlePool<PhaseClock> pool, TimeProvider time)
    {
        (_pool, _time) = (pool, time);
        _timer = new LazyTimer(time);
        _wait = new ConnectionWait(this, time);
    }

    private enum Ending
    {
        None,
        TimedOut,
        GivenUp,
    }

    /// <summary>Cancelled when a limit is hit, or when the caller cancels the call.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>For the next read of the answer: cancelled when a limit is hit, or by <see cref="CancelRead"/>.</summary>
    public CancellationToken ReadToken => _reads.Token;

    /// <summary>Whether the attempt does not wait, or no longer waits.</summary>
    public bool HasConnection => _acquired;

    /// <summary>The attempt begins, without a connection.</summary>
    public void Begin(AttemptMessage message, CancellationToken callerToken)
    {
        lock (_lock)
        {
            (_message, message.Clock) = (message, this);
            _callerToken = callerToken;
            _acquired = _bodyWasRead = _readGoesOn = false;
            _address = null;
            _ending = Ending.None;
            _deadlines = new MessageDeadlines(message, _time);
            _wait.Begin(message);
        }

        _caller = callerToken.UnsafeRegister(static clock => ((PhaseClock)clock!).GiveUp(), this);
    }

    /// <summary>The request has a connection, and its head is being written.</summary>
    public void Acquired(AttemptMessage message)
    {
        if (_acquired && ReferenceEquals(_address, message.RequestUri))
        {
            return;
        }

        lock (_lock)
        {
            if (!IsRunning(message) || _deadlines.State.IsAnswered)
            {
                return;
            }

            if (_address is not null && !ReferenceEquals(_address, message.RequestUri))
            {
                _deadlines = new MessageDeadlines(message, _time); // of the next hop
            }

            _address = message.RequestUri;
            message.MayHaveArrived = true;
            Send(message);
        }
    }

    /// <summary>Connections cannot be seen: the time before the first byte counts for the phase of that byte.</summary>
    public void AcquiredUnseen(AttemptMessage message)
    {
        lock (_lock)
        {
            if (IsWaiting(message))
            {
                Send(message);
            }
        }
    }

    /// <summary>The head of the answer has come.</summary>
    public void Answered(AttemptMessage message)
    {
        if (!_acquired)
        {
            AcquiredUnseen(message); // late
        }

        Tell(message, MessageEvent.Answered);
    }

    /// <summary>The answer was read to its end or disposed. That ends the attempt, unless its body is still being sent.</summary>
    public void AnswerEnds(AttemptMessage message)
    {
        Tell(message, MessageEvent.AnswerEnded);
        if (_ending != Ending.None)
        {
            End(message);
        }
    }

    /// <summary>Applies an event of the message.</summary>
    /// <returns>Whether the event changes the message. For <see cref="MessageEvent.BodyBegun"/>: whether the transport reads the body.</returns>
    public bool Tell(AttemptMessage message, MessageEvent what)
    {
        if (_message != message)
        {
            return false; // streams and contents may report after the end
        }

        bool? isBusy = null;
        CancellationTokenRegistration caller = default;
        lock (_lock)
        {
            if (_message != message)
            {
                return false;
            }

            var (before, next) = (_deadlines.State, _deadlines.State.After(what));
            if (next == before)
            {
                _bodyWasRead |= !_acquired && what == MessageEvent.BodyBegun;
                return false;
            }

            Move(next);
            _readGoesOn |= before.Read == ReadState.Body && next.Read == ReadState.Ended;
            if (before.IsCallersToEnd && !next.IsCallersToEnd)
            {
                // The token may live much longer than the answer, and would keep it from being collected.
                (caller, _caller) = (_caller, default);
            }

            if (next.IsOver)
            {
                isBusy = Detach(message);
            }
        }

        caller.Dispose();
        if (isBusy is { } stillBusy)
        {
            Release(stillBusy);
        }

        return true;
    }

    /// <summary>Cancels one read. Over HTTP/2 the next read can continue.</summary>
    public void CancelRead(AttemptMessage message)
    {
        bool isRead;
        lock (_lock)
        {
            isRead = _message == message;
        }

        if (isRead)
        {
            _reads.CancelOne();
        }
    }

    /// <summary>The exception for what ended the attempt, if it was this clock or the caller; otherwise the unchanged failure.</summary>
    public Exception Explain(AttemptMessage message, Exception failure)
    {
        lock (_lock)
        {
            return _message != message ? failure : _ending switch
            {
                Ending.TimedOut => new PhaseTimeoutException(_exceeded, message.Limits.Of(_exceeded), failure),
                Ending.GivenUp when failure is OperationCanceledException cancelled && cancelled.CancellationToken != _callerToken =>
                    new TaskCanceledException(failure.Message, failure, _callerToken),
                _ => failure,
            };
        }
    }

    /// <summary>The attempt is over.</summary>
    public void End(AttemptMessage message)
    {
        bool isBusy;
        lock (_lock)
        {
            if (_message != message)
            {
                return;
            }

            isBusy = Detach(message);
        }

        Release(isBusy);
    }

    /// <returns>Whether code may still use the tokens.</returns>
    private bool Detach(AttemptMessage message)
    {
        _wait.Stop();
        _timer.Clear();
        (_message, message.Clock) = (null, null);
        return _deadlines.State.IsBusy || _readGoesOn;
    }

    private void Release(bool isBusy)
    {
        // Waits for a running cancellation, so that it cannot reach the next attempt.
        _caller.Dispose();
        (_caller, _callerToken) = (default, default);
        if (isBusy || _ending != Ending.None || !_source.TryReset() || !_reads.TryReset() || !_pool.Return(this))
        {
            _timer.Dispose();
        }
    }

    /// <summary>The timer has fired, perhaps early, or for a deadline that was moved.</summary>
    public void TimerCame()
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
                _timer.Set(this, _wait.Due);
                return;
            }

            _ending = Ending.TimedOut;
            _exceeded = _acquired ? _deadlines.Phase : _wait.Phase;
            opening = _acquired ? null : _wait.Opening;
            _wait.Stop();
        }

        opening?.GiveUp();
        _source.Cancel();
        _reads.CancelAll();
    }

    /// <summary>The caller cancels the call.</summary>
    private void GiveUp()
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

    private void Send(AttemptMessage message)
    {
        _acquired = true;
        _wait.Stop();
        Move(_deadlines.State.Sent(message.Content is not null && !_bodyWasRead, message.Headers.ExpectContinue == true));
    }

    private void Move(MessageState next)
    {
        _deadlines.Move(next);
        if (_ending == Ending.None)
        {
            _timer.Set(this, _acquired ? _deadlines.Due : _wait.Due);
        }
    }

    private bool IsRunning(AttemptMessage message) => _message == message && _ending == Ending.None;
}
