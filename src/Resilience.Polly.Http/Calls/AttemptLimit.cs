using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Calls;

/// <summary>
/// Ends an attempt as a whole where nothing else limits it. Every call has one and hardly any reaches it, so it is used again and costs
/// no allocation.
/// </summary>
#pragma warning disable CA1001 // disposed by End when it is not used again; its source never, since who was given the token may still look at it
internal sealed class AttemptLimit : ITimerOwner
#pragma warning restore CA1001
{
    private readonly IdlePool<AttemptLimit> _pool;
    private readonly TimeProvider _time;
    private readonly LazyTimer _timer;
    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _caller;
    private volatile bool _hasPassed;

    public AttemptLimit(IdlePool<AttemptLimit> pool, TimeProvider time)
    {
        (_pool, _time) = (pool, time);
        _timer = new LazyTimer(time);
    }

    /// <summary>Cancelled when the limit has passed, or when the caller gives up.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it was the limit that ended the attempt.</summary>
    public bool HasPassed => _hasPassed;

    public void Begin(TimeSpan limit, CancellationToken callerToken)
    {
        _timer.Set(this, LazyTimer.DueAfter(_time, _time.GetTimestamp(), limit));
        _caller = callerToken.UnsafeRegister(static limit => ((AttemptLimit)limit!)._source.Cancel(), this);
    }

    /// <param name="isTokenFree">Whether nobody has the token any more. The reader of a stream may have it, and must not be ended by another attempt.</param>
    public void End(bool isTokenFree)
    {
        _caller.Dispose(); // waits for a cancellation under way, so that it cannot reach the next attempt
        if (!_timer.Clear() || !isTokenFree || !_source.TryReset() || !_pool.Return(this))
        {
            _timer.Dispose();
        }
    }

    public void TimerCame()
    {
        if (_timer.HasPassed())
        {
            _hasPassed = !_source.IsCancellationRequested;
            _source.Cancel();
        }
    }
}
