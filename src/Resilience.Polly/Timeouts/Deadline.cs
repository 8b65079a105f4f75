using Polly;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Timeouts;

/// <summary>A time limit on an attempt or a call. While it runs, the context carries a token that also ends when the time is up.</summary>
#pragma warning disable CA1001 // End disposes the timer when the deadline is not used again. The source is never disposed: who was given the token may still look at it
internal sealed class Deadline(DeadlinePool pool, TimeProvider clock) : ITimerOwner
#pragma warning restore CA1001
{
    /// <summary>Whether the library can limit the time itself. Otherwise, or where the application asks for it by this switch, Polly's own timeout strategy does.</summary>
    public static readonly bool IsAvailable = !(AppContext.TryGetSwitch("Resilience.Polly.UsePollyTimeout", out var isOn) && isOn) && ContextMembers.CanSetToken;

    private readonly CancellationTokenSource _source = new();
    private readonly LazyTimer _timer = new(clock);
    private CancellationToken _outer;
    private CancellationTokenRegistration _link;

    public DeadlinePool Pool => pool;

    public TimeSpan Limit { get; private set; }

    /// <summary>Begins the limit. From here on the context carries the token of the deadline.</summary>
    public void Begin(ResilienceContext context, long from, TimeSpan limit)
    {
        Limit = limit;
        _outer = context.CancellationToken;
        _timer.Set(this, LazyTimer.DueAfter(clock, from, limit));
        if (_outer.CanBeCanceled)
        {
            _link = _outer.UnsafeRegister(static deadline => ((Deadline)deadline!)._source.Cancel(), this);
        }

        context.SetToken(_source.Token);
    }

    /// <summary>Ends the limit, and gives the context back its token.</summary>
    /// <param name="context">The context.</param>
    /// <param name="isReused">Whether the deadline may serve another call; not where something may still hold its token.</param>
    /// <returns>Whether the time was up before.</returns>
    public bool End(ResilienceContext context, bool isReused)
    {
        context.SetToken(_outer);

        // Whatever is about to cancel the source, and cannot be stopped any more, must not reach another call.
        var isFree = !_outer.CanBeCanceled || _link.Unregister();
        var isInTime = _timer.Clear();
        (_outer, _link) = (default, default);
        if (isReused && isFree && isInTime && _source.TryReset())
        {
            pool.Return(this);
        }
        else
        {
            Drop();
        }

        return !isInTime;
    }

    /// <summary>Says that it is not used again.</summary>
    public void Drop() => _timer.Dispose();

    void ITimerOwner.TimerCame()
    {
        if (_timer.HasPassed())
        {
            _source.Cancel();
        }
    }
}

/// <summary>The deadlines of a clock that no call needs now: one for each thread, which is nearest, and up to 1,024 others.</summary>
internal sealed class DeadlinePool
{
    [ThreadStatic]
    private static Deadline? _near;

    private readonly IdlePool<Deadline> _others;

    public DeadlinePool(TimeProvider clock) => _others = new(_ => new Deadline(this, clock));

    public Deadline Take()
    {
        ref var near = ref _near; // looked up once
        if (near is { } deadline && ReferenceEquals(deadline.Pool, this))
        {
            near = null;
            return deadline;
        }

        return _others.Take();
    }

    public void Return(Deadline deadline)
    {
        ref var near = ref _near;
        if (near is null || !ReferenceEquals(near.Pool, this))
        {
            near = deadline;
        }
        else if (!_others.Return(deadline))
        {
            deadline.Drop();
        }
    }
}
