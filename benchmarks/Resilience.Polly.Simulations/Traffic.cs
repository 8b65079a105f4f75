using Polly;

namespace Resilience.Polly.Simulations;

/// <summary>Logical calls that arrive at random, at a rate that may change, and what became of them.</summary>
public sealed class Traffic(VirtualTime time, Random random, Func<TimeSpan, double> rate, ResiliencePipeline pipeline, Func<CancellationToken, ValueTask<Outcome<bool>>> call)
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _latencies = [];
    private int _outstanding;

    /// <summary>Calls by the second in which they began.</summary>
    public PerSecond Begun { get; } = new(time);

    /// <summary>Those that succeeded, by the second in which they began.</summary>
    public PerSecond Good { get; } = new(time);

    /// <summary>Those that succeeded, by the second in which they ended.</summary>
    public PerSecond Answered { get; } = new(time);

    /// <summary>How long a caller waits before it cancels its call; for ever where there is none.</summary>
    public Func<Random, TimeSpan>? Deadline { get; init; }

    /// <summary>What a call is worth, where calls differ.</summary>
    public CallPriority Priority { get; init; }

    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>How long the good calls took that began from the moment on.</summary>
    public TimeSpan Percentile(double share)
    {
        TimeSpan[] sorted = [.. _latencies.Order()];
        return sorted.Length == 0 ? Timeout.InfiniteTimeSpan : sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
    }

    public void Begin() => time.After(Gap(), Arrive);

    private TimeSpan Gap()
    {
        lock (_gate)
        {
            return TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / rate(time.Now));
        }
    }

    private void Arrive()
    {
        _ = CallAsync();
        time.After(Gap(), Arrive);
    }

    private async Task CallAsync()
    {
        var begun = time.Now;
        Begun.Count();
        Interlocked.Increment(ref _outstanding);
        using var patience = NewPatience();
        var context = ResilienceContextPool.Shared.Get(patience?.Token ?? CancellationToken.None);
        context.Properties.Set(CallProperties.Priority, Priority);

        // Half of the calls fail in overload. As outcomes they are not thrown, which would take most of the time of a simulation.
        var outcome = await pipeline.ExecuteOutcomeAsync(static (context, call) => call(context.CancellationToken), context, call).ConfigureAwait(false);
        if (outcome.Exception is null)
        {
            Good.Count(begun);
            Answered.Count();
            lock (_gate)
            {
                _latencies.Add(time.Now - begun);
            }
        }

        ResilienceContextPool.Shared.Return(context);
        Interlocked.Decrement(ref _outstanding);
    }

    private CancellationTokenSource? NewPatience()
    {
        if (Deadline is null)
        {
            return null;
        }

        lock (_gate)
        {
            return new CancellationTokenSource(Deadline(random), time);
        }
    }
}
