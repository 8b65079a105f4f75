using Polly;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Timeouts;

/// <summary>A time limit on an attempt or a call. While it runs, the context carries a token that also ends when the time is up.</summary>
internal sealed class Deadline(DeadlinePool pool, TimeProvider clock) : TimedToken(clock)
{
    /// <summary>Whether the library can limit the time itself. Otherwise, or where the application asks for it by this switch, Polly's own timeout strategy does.</summary>
    public static readonly bool IsAvailable = !(AppContext.TryGetSwitch("Resilience.Polly.UsePollyTimeout", out var isOn) && isOn) && ContextMembers.CanSetToken;

    public DeadlinePool Pool => pool;

    public TimeSpan Limit { get; private set; }

    /// <summary>Begins the limit. From here on the context carries the token of the deadline.</summary>
    public void Begin(ResilienceContext context, long from, TimeSpan limit)
    {
        Limit = limit;
        Begin(from, limit, context.CancellationToken);
        context.SetToken(Token);
    }

    /// <summary>Ends the limit, and gives the context back its token.</summary>
    /// <param name="context">The context.</param>
    /// <param name="isReused">Whether the deadline may serve another call; not where something may still hold its token.</param>
    /// <returns>Whether the time was up before.</returns>
    public bool End(ResilienceContext context, bool isReused)
    {
        context.SetToken(Outer);
        if (End(isReused, out var isInTime))
        {
            pool.Return(this);
        }
        else
        {
            Drop();
        }

        return !isInTime;
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
