namespace Resilience.Polly.Http;

/// <summary>
/// A deadline that is set and cleared several times per request and hardly ever passes. The timer behind it is only
/// moved when it would come too late; when it comes too early, it is set again for what is left.
/// </summary>
/// <remarks>Not safe by itself: its owner calls it under the owner's lock.</remarks>
internal sealed class LazyTimer : IDisposable
{
    private const long Never = long.MaxValue;

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _due = Never;
    private long _comes = Never;

    public LazyTimer(TimeProvider time, TimerCallback passed, object state)
    {
        _time = time;

        // It outlives the request that made it, and must not keep that request's ambient data.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(passed, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="from">A timestamp.</param>
    /// <param name="limit">The deadline is so much later; infinite for none.</param>
    public void Set(long from, TimeSpan limit)
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            _due = Never;
            return;
        }

        _due = from + (long)(limit.TotalSeconds * _time.TimestampFrequency);
        if (_due < _comes)
        {
            Arm();
        }
    }

    public void Clear() => _due = Never;

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

        _due = Never;
        return true;
    }

    public void Dispose() => _timer.Dispose();

    private void Arm()
    {
        _comes = _due;
        var left = Math.Max(0, _due - _time.GetTimestamp());
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000.0 / _time.TimestampFrequency)), Timeout.InfiniteTimeSpan);
    }
}
