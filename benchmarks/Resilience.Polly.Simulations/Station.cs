using System.Net.Sockets;

namespace Resilience.Polly.Simulations;

/// <summary>A dependency: some workers, and a line in front of them. It goes on working for callers who have given up, as real ones do.</summary>
public sealed class Station(VirtualTime time, Random random, int workers, TimeSpan service)
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _line = new();
    private int _busy;

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

    /// <summary>How long a worker needs on average; it is a fifth more or less.</summary>
    public TimeSpan Service { get; set; } = service;

    /// <summary>Attempts that arrived, by second.</summary>
    public PerSecond Attempts { get; } = new(time);

    /// <summary>Asks for an answer.</summary>
    public async ValueTask ServeAsync(CancellationToken cancellationToken)
    {
        Attempts.Count();
        if (State == Health.Down)
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
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

        await job.Task.ConfigureAwait(false);
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

                _busy++;
                work = Service * (0.8 + (0.4 * random.NextDouble()));
            }

            time.After(work, () => End(job));
        }
    }

    private void End(TaskCompletionSource job)
    {
        lock (_gate)
        {
            _busy--;
        }

        Begin();
        job.TrySetResult();
    }
}
