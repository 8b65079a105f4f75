namespace Resilience.Polly.Http.Phases;

/// <summary>
/// The time of an attempt that has no connection yet. It goes to the pool or to connecting, perhaps to and fro, and what
/// each has used up stays used up: otherwise requests that share a stalled connection would wait for one after another.
/// </summary>
internal struct WaitBudget(PhaseLimits limits, long now)
{
    private TimeSpan _pool = limits.Pool;
    private TimeSpan _connect = limits.Connect;

    /// <summary>The timestamp from which the present phase is measured.</summary>
    public long Since { get; private set; } = now;

    public TimeoutPhase Phase { get; private set; } = TimeoutPhase.Connect;

    /// <summary>What the present phase had left at <see cref="Since"/>.</summary>
    public readonly TimeSpan Left => Phase == TimeoutPhase.Pool ? _pool : _connect;

    /// <summary>Says what is waited for, when it is known for the first time: it holds from the beginning.</summary>
    public void Start(TimeoutPhase phase) => Phase = phase;

    /// <summary>Writes down what the present phase has used up, and goes on with the one that it is now.</summary>
    public void Turn(TimeoutPhase phase, long now, TimeProvider time)
    {
        var elapsed = time.GetElapsedTime(Since, now);
        if (Phase == TimeoutPhase.Pool)
        {
            _pool = Less(_pool, elapsed);
        }
        else
        {
            _connect = Less(_connect, elapsed);
        }

        (Phase, Since) = (phase, now);
    }

    private static TimeSpan Less(TimeSpan left, TimeSpan elapsed) =>
        left == Timeout.InfiniteTimeSpan ? left
        : left > elapsed ? left - elapsed
        : TimeSpan.Zero;
}
