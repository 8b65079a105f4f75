using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// Measures the phases of one attempt, and ends it when one takes too long. What runs when is decided by <see cref="MessageState"/>.
/// Used again for another attempt afterwards, so every call says which message it is about, and is passed over when that is not the
/// one being measured.
/// </summary>
#pragma warning disable CA1001 // disposed by End when it is not used again; its sources never, since the transport may still listen to them
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

    // The address that the connection was for. A redirect gives the message another one.
    private Uri? _address;

    // In force once there is a connection.
    private MessageDeadlines _deadlines;

    // A handler has read the body, which may have kept its bytes: then the transport sends those and does not ask again.
    private bool _bodyWasRead;

    // The answer was disposed under a read, which may still look at the tokens.
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

    /// <summary>Cancelled when a limit was hit, or when the caller gives up the call.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>For the next read of the answer: cancelled when a limit was hit, or by <see cref="CancelRead"/>.</summary>
    public CancellationToken ReadToken => _reads.Token;

    /// <summary>Whether the attempt need not wait, or has done so.</summary>
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

    /// <summary>A connection is there, and the head of the request is being written.</summary>
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

    /// <summary>There is nothing to hear of connections: what comes before the first byte counts to the phase of that byte.</summary>
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

    /// <summary>The head of the answer is there.</summary>
    public void Answered(AttemptMessage message)
    {
        if (!_acquired)
        {
            AcquiredUnseen(message); // late
        }

        Tell(message, MessageEvent.Answered);
    }

    /// <summary>The answer was read to its end or disposed. The attempt is over with it, unless its body is still being sent.</summary>
    public void AnswerEnds(AttemptMessage message)
    {
        Tell(message, MessageEvent.AnswerEnded);
        if (_ending != Ending.None)
        {
            End(message);
        }
    }

    /// <summary>Something has happened to the message.</summary>
    /// <returns>Whether it moves the message. Where it is <see cref="MessageEvent.BodyBegun"/>: whether it is the transport that sends.</returns>
    public bool Tell(AttemptMessage message, MessageEvent what)
    {
        if (_message != message)
        {
            return false; // streams and contents go on reporting after the end
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
                // The token may outlive the answer by far, and would keep it from being collected.
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

    /// <summary>The reader gives up one read. Over HTTP/2 the next one may go on.</summary>
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

    /// <summary>What ended the attempt, if it was this clock or the caller; otherwise the failure as it is.</summary>
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

    /// <returns>Whether somebody may still look at the tokens.</returns>
    private bool Detach(AttemptMessage message)
    {
        _wait.Stop();
        _timer.Clear();
        (_message, message.Clock) = (null, null);
        return _deadlines.State.IsBusy || _readGoesOn;
    }

    private void Release(bool isBusy)
    {
        // Waits for a cancellation under way, so that it cannot reach the next attempt.
        _caller.Dispose();
        (_caller, _callerToken) = (default, default);
        if (isBusy || _ending != Ending.None || !_source.TryReset() || !_reads.TryReset() || !_pool.Return(this))
        {
            _timer.Dispose();
        }
    }

    /// <summary>The timer has come, perhaps early, or for a deadline that was moved.</summary>
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

    /// <summary>The caller gives up the call.</summary>
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
