namespace Resilience.Polly.Http;

/// <summary>
/// The deadline of a clock, which is set and cleared several times per request and hardly ever passes. The timer behind it is only
/// moved when it would come too late; when it comes too early, it is set again for what is left.
/// </summary>
/// <remarks>
/// <para>Its clock calls it under the clock's lock.</para>
/// <para>It keeps its clock from being collected while a deadline is set, and only then: somebody may wait for nothing else,
/// and without a deadline an answer that was dropped must be free to go.</para>
/// </remarks>
internal sealed class LazyTimer : IDisposable
{
    public const long Never = long.MaxValue;

    private readonly TimeProvider _time;
    private readonly Lock _lockOfClock;
    private readonly ITimer _timer;
    private PhaseClock? _running;
    private long _due = Never;
    private long _comes = Never;

    public LazyTimer(TimeProvider time, Lock lockOfClock)
    {
        (_time, _lockOfClock) = (time, lockOfClock);

        // It outlives the request that made it, and must not keep that request's ambient data.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static timer => ((LazyTimer)timer!).Came(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The timestamp that is so much later; <see cref="Never"/> where the limit is infinite.</summary>
    public static long DueAfter(TimeProvider time, long from, TimeSpan limit) =>
        limit == Timeout.InfiniteTimeSpan ? Never : from + (long)(limit.TotalSeconds * time.TimestampFrequency);

    /// <param name="clock">The clock to call when the deadline may have passed.</param>
    /// <param name="due">A timestamp, or <see cref="Never"/>.</param>
    public void Set(PhaseClock clock, long due)
    {
        (_running, _due) = (due == Never ? null : clock, due);
        if (due < _comes)
        {
            Arm();
        }
    }

    public void Clear() => (_running, _due) = (null, Never);

    /// <summary>Whether the deadline has passed; asked when the timer comes, which may be early or for a deadline that was moved.</summary>
    public bool HasPassed()
    {
        _comes = Never;
        if (_due == Never)
        {
            return false;
        }

        if (_time.GetTimestamp() < _due)
        {
            Arm();
            return false;
        }

        Clear();
        return true;
    }

    public void Dispose() => _timer.Dispose();

    private void Came()
    {
        PhaseClock? clock;
        lock (_lockOfClock)
        {
            clock = _running;
            if (clock is null)
            {
                _comes = Never;
            }
        }

        clock?.TimerCame();
    }

    private void Arm()
    {
        _comes = _due;
        var left = Math.Max(0, _due - _time.GetTimestamp());
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000.0 / _time.TimestampFrequency)), Timeout.InfiniteTimeSpan);
    }
}
