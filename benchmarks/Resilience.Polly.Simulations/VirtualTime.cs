namespace Resilience.Polly.Simulations;

/// <summary>A clock that moves from one timer to the next: an hour of calls takes as long as the work in it.</summary>
/// <remarks>Timers are fired one by one by whoever moves the clock, those of one moment in the order in which they were set.</remarks>
public sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<(Timer Timer, long Version), (long At, long Number)> _due = new();
    private long _now;
    private long _number;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Now => new(Volatile.Read(ref _now));

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => Origin + Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Does something after some time.</summary>
    public void After(TimeSpan wait, Action act) => CreateTimer(_ => act(), null, wait, Timeout.InfiniteTimeSpan);

    /// <summary>Fires what is due until the moment, and after each what <paramref name="settle"/> wants.</summary>
    public void RunUntil(TimeSpan end, Action? settle = null)
    {
        while (Next(end.Ticks) is { } timer)
        {
            timer.Fire();
            settle?.Invoke();
        }

        Volatile.Write(ref _now, end.Ticks);
    }

    private Timer? Next(long end)
    {
        lock (_gate)
        {
            while (_due.TryPeek(out var due, out var when) && when.At <= end)
            {
                _due.Dequeue();
                if (due.Version == due.Timer.Version)
                {
                    Volatile.Write(ref _now, when.At);
                    return due.Timer;
                }
            }

            return null;
        }
    }

    private sealed class Timer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        /// <summary>Every change makes what was set before void.</summary>
        public long Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                Version++;
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    time._due.Enqueue((this, Version), (time._now + dueTime.Ticks, time._number++));
                }
            }

            return true;
        }

        public void Fire()
        {
            if (_period > TimeSpan.Zero)
            {
                Change(_period, _period);
            }

            callback(state);
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
