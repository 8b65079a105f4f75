using System.Net.Sockets;
using Polly;

namespace Resilience.Polly.Simulations;

/// <summary>A dependency: some workers, and a line in front of them. It goes on working for callers who have given up, as real ones do.</summary>
public sealed class Station(VirtualTime time, Random random, int workers, TimeSpan service)
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _line = new();
    private int _busy;
    private TimeSpan _busyTime;
    private TimeSpan _notedAt;
    private TimeSpan _readAt;

    public enum Health
    {
        Well,

        /// <summary>Refuses connections.</summary>
        Down,

        /// <summary>Takes calls and never answers.</summary>
        Hung,
    }

    public Health State { get; set; }

    public int Workers { get; set; } = workers;

    /// <summary>How long a worker needs on average.</summary>
    public TimeSpan Service { get; set; } = service;

    /// <summary>How much that varies.</summary>
    public ServiceTimes Times { get; init; } = ServiceTimes.Steady;

    /// <summary>The share of the time since the last reading in which workers were busy.</summary>
    public double ReadUtilization()
    {
        lock (_gate)
        {
            NoteBusy();
            var (busy, elapsed) = (_busyTime, time.Now - _readAt);
            (_busyTime, _readAt) = (TimeSpan.Zero, time.Now);
            return elapsed > TimeSpan.Zero ? busy / (elapsed * Workers) : 0;
        }
    }

    /// <summary>Attempts that arrived, by second.</summary>
    public PerSecond Attempts { get; } = new(time);

    /// <summary>Asks for an answer; the result says nothing.</summary>
    public async ValueTask<Outcome<bool>> ServeAsync(CancellationToken cancellationToken)
    {
        Attempts.Count();
        if (State == Health.Down)
        {
            return Outcome.FromException<bool>(new SocketException((int)SocketError.ConnectionRefused));
        }

        var job = new TaskCompletionSource();
        await using var registration = cancellationToken.UnsafeRegister(_ => job.TrySetCanceled(cancellationToken), null).ConfigureAwait(false);
        if (State == Health.Well)
        {
            lock (_gate)
            {
                _line.Enqueue(job);
            }

            Begin();
        }

        await job.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return job.Task.IsCanceled ? Outcome.FromException<bool>(new OperationCanceledException(cancellationToken)) : Outcome.FromResult(true);
    }

    private void Begin()
    {
        while (true)
        {
            TaskCompletionSource? job;
            TimeSpan work;
            lock (_gate)
            {
                if (_busy >= Workers || !_line.TryDequeue(out job))
                {
                    return;
                }

                NoteBusy();
                _busy++;
                work = Service * Times.Draw(random);
            }

            time.After(work, () => End(job));
        }
    }

    private void End(TaskCompletionSource job)
    {
        lock (_gate)
        {
            NoteBusy();
            _busy--;
        }

        Begin();
        job.TrySetResult();
    }

    private void NoteBusy()
    {
        _busyTime += (time.Now - _notedAt) * _busy;
        _notedAt = time.Now;
    }
}
