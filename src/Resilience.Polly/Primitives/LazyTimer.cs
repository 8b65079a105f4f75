namespace Resilience.Polly.Primitives;

/// <summary>
/// A deadline that is set and cleared several times per request and hardly ever passes. Its timer is only
/// moved if it would fire too late. If it fires too early, it is set again for the rest.
/// </summary>
/// <remarks>
/// While a deadline is set, the timer keeps its owner alive, since nothing else may refer to it. Without a deadline it does not:
/// an answer that was dropped can then be collected.
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

        // The timer outlives the request that created it, and must not keep that request's ambient data.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static timer => ((LazyTimer)timer!).Came(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The timestamp at the end of a limit that begins now; <see cref="Never"/> for an infinite limit.</summary>
    public static long DueAfter(TimeProvider time, long from, TimeSpan limit) =>
        limit == Timeout.InfiniteTimeSpan ? Never : from + time.Ticks(limit);

    /// <param name="owner">Called when the deadline may have passed.</param>
    /// <param name="due">A timestamp, or <see cref="Never"/>.</param>
    public void Set(ITimerOwner owner, long due)
    {
        _running = due == Never ? null : owner;
        Interlocked.Exchange(ref _due, due); // either the timer sees it, or what the timer has done is seen here
        if (due < Volatile.Read(ref _comes))
        {
            Arm();
        }
    }

    /// <returns>Whether a deadline was set that was not seen to pass.</returns>
    public bool Clear()
    {
        _running = null;
        return Interlocked.Exchange(ref _due, Never) != Never;
    }

    /// <summary>Whether the deadline has passed; clears it if so. For the timer, which may fire early or for a deadline that was moved.</summary>
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

/// <summary>The owner of a deadline.</summary>
internal interface ITimerOwner
{
    /// <summary>The timer has fired, perhaps early or for a deadline that was moved. Check <see cref="LazyTimer.HasPassed"/>.</summary>
    void TimerCame();
}
