using Polly;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Timeouts;

/// <summary>A time limit on an attempt or a call. While it runs, the context has a token that is also cancelled when the time is over.</summary>
internal sealed class Deadline(DeadlinePool pool, TimeProvider clock) : TimedToken(clock)
{
    /// <summary>Whether the library limits the time itself. If it cannot, or if the application sets this switch, Polly's own timeout strategy does.</summary>
    public static readonly bool IsAvailable = !(AppContext.TryGetSwitch("Resilience.Polly.UsePollyTimeout", out var isOn) && isOn) && ContextMembers.CanSetToken;

    public DeadlinePool Pool => pool;

    public TimeSpan Limit { get; private set; }

    /// <summary>Begins the limit. From here on the context has the token of the deadline.</summary>
    public void Begin(ResilienceContext context, long from, TimeSpan limit)
    {
        Limit = limit;
        Begin(from, limit, context.CancellationToken);
        context.SetToken(Token);
    }

    /// <summary>Ends the limit, and restores the token of the context.</summary>
    /// <param name="context">The context.</param>
    /// <param name="isReused">Whether the deadline may be reused; not if code may still hold its token.</param>
    /// <returns>Whether the time was over before.</returns>
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

/// <summary>The unused deadlines of a clock: one for each thread, and up to 1,024 others.</summary>
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
