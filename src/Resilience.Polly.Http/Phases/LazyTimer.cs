namespace Resilience.Polly.Http.Phases;

/// <summary>
/// A deadline, which is set and cleared several times per request and hardly ever passes. The timer behind it is only
/// moved when it would come too late; when it comes too early, it is set again for what is left.
/// </summary>
/// <remarks>
/// It keeps its owner from being collected while a deadline is set, and only then: somebody may wait for nothing else,
/// and without a deadline an answer that was dropped must be free to go.
/// </remarks>
internal sealed class LazyTimer : IDisposable
{
    public const long Never = long.MaxValue;

    private readonly Lock _arming = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile ITimerOwner? _running;
    private long _due = Never;
    private long _comes = Never;

    public LazyTimer(TimeProvider time)
    {
        _time = time;

        // It outlives the request that made it, and must not keep that request's ambient data.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static timer => ((LazyTimer)timer!).Came(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The timestamp that is so much later; <see cref="Never"/> where the limit is infinite.</summary>
    public static long DueAfter(TimeProvider time, long from, TimeSpan limit) =>
        limit == Timeout.InfiniteTimeSpan ? Never : from + (long)(limit.TotalSeconds * time.TimestampFrequency);

    /// <param name="owner">Who is called when the deadline may have passed.</param>
    /// <param name="due">A timestamp, or <see cref="Never"/>.</param>
    public void Set(ITimerOwner owner, long due)
    {
        _running = due == Never ? null : owner;
        Interlocked.Exchange(ref _due, due); // seen by the timer, or what the timer has done is seen here
        if (due < Volatile.Read(ref _comes))
        {
            Arm();
        }
    }

    /// <returns>Whether a deadline was set; not where it has been seen to pass.</returns>
    public bool Clear()
    {
        _running = null;
        return Interlocked.Exchange(ref _due, Never) != Never;
    }

    /// <summary>Whether the deadline has passed, and is cleared by that; asked when the timer comes, which may be early or for one that was moved.</summary>
    public bool HasPassed()
    {
        var due = Volatile.Read(ref _due);
        if (due == Never)
        {
            return false;
        }

        if (_time.GetTimestamp() < due)
        {
            Arm();
            return false;
        }

        if (Interlocked.CompareExchange(ref _due, Never, due) != due)
        {
            return false;
        }

        _running = null;
        return true;
    }

    public void Dispose() => _timer.Dispose();

    private void Came()
    {
        Interlocked.Exchange(ref _comes, Never);
        _running?.TimerCame();
    }

    private void Arm()
    {
        lock (_arming)
        {
            var due = Volatile.Read(ref _due);
            if (due < Volatile.Read(ref _comes))
            {
                Volatile.Write(ref _comes, due);
                var left = Math.Max(0, due - _time.GetTimestamp());
                _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000.0 / _time.TimestampFrequency)), Timeout.InfiniteTimeSpan);
            }
        }
    }
}

/// <summary>Who has set a deadline.</summary>
internal interface ITimerOwner
{
    /// <summary>The timer has come, perhaps early, or for a deadline that was moved. <see cref="LazyTimer.HasPassed"/> tells.</summary>
    void TimerCame();
}
