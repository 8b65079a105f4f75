namespace Resilience.Polly.Primitives;

/// <summary>A token that is cancelled with the token around it, or when a limit has passed. It is reused if nothing can cancel it any more.</summary>
#pragma warning disable CA1001 // Drop disposes the timer if it is not reused. The source is never disposed, since code may still read the token
internal abstract class TimedToken(TimeProvider clock) : ITimerOwner
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _source = new();
    private readonly LazyTimer _timer = new(clock);
    private CancellationTokenRegistration _link;
    private volatile bool _hasPassed;

    public CancellationToken Token => _source.Token;

    /// <summary>Whether it was the limit that ended the token.</summary>
    public bool HasPassed => _hasPassed;

    protected TimeProvider Clock => clock;

    /// <summary>The token around it.</summary>
    protected CancellationToken Outer { get; private set; }

    /// <summary>Drops it instead of reusing it.</summary>
    public void Drop() => _timer.Dispose();

    void ITimerOwner.TimerCame()
    {
        if (_timer.HasPassed())
        {
            _hasPassed = !_source.IsCancellationRequested;
            _source.Cancel();
        }
    }

    protected void Begin(long from, TimeSpan limit, CancellationToken outer)
    {
        Outer = outer;
        _timer.Set(this, LazyTimer.DueAfter(clock, from, limit));
        if (outer.CanBeCanceled)
        {
            _link = outer.UnsafeRegister(static token => ((TimedToken)token!)._source.Cancel(), this);
        }
    }

    /// <summary>Ends the limit.</summary>
    /// <param name="isTokenFree">Whether no code has the token any more.</param>
    /// <param name="isInTime">Whether the limit had not passed.</param>
    /// <returns>Whether it can be reused. A cancellation that can no longer be stopped must not reach another attempt.</returns>
    protected bool End(bool isTokenFree, out bool isInTime)
    {
        var isUnlinked = !Outer.CanBeCanceled || _link.Unregister();
        isInTime = _timer.Clear();
        (Outer, _link) = (default, default);
        return isTokenFree && isUnlinked && isInTime && _source.TryReset();
    }
}
