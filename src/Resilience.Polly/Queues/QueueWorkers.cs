using Microsoft.Extensions.Logging;
using Polly;
using Polly.RateLimiting;
using Resilience.Polly.Events;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Queues;

/// <summary>Does the items of a queue. A worker begins when there is something to do, and ends when there is not.</summary>
#pragma warning disable CA1001 // a source without a timer holds nothing to dispose, and work that was handed back may ask for its token at any time
internal sealed class QueueWorkers(string queue, QueueLine line, ResiliencePipeline? pipeline, ApplicationServices application)
#pragma warning restore CA1001
{
    private readonly QueueSaturation _saturation = new(queue, application.Logger, application.Clock);
    private readonly CancellationTokenSource _end = new();
    private ResiliencePipeline? _pipeline = pipeline;

    /// <summary>What the items run through; none where they bring their own.</summary>
    public ResiliencePipeline? Pipeline
    {
        get => Volatile.Read(ref _pipeline);
        set => Volatile.Write(ref _pipeline, value);
    }

    /// <summary>Has as many begin as there is work for, and may be.</summary>
    public void StartWorkers()
    {
        while (line.TryAddWorker())
        {
            // Without the context of the caller: each item brings its own.
            ThreadPool.UnsafeQueueUserWorkItem(static workers => _ = workers.WorkAsync(), this, preferLocal: false);
        }
    }

    /// <summary>Cancels what is in work, and wakes those that rest. Not waited for: what is called here is the code of others.</summary>
    public void End() => _ = _end.CancelAsync();

    private async Task WorkAsync()
    {
        for (var item = line.Take(isNew: true); item is not null; item = line.Take(isNew: false))
        {
            if (await IsDoneAsync(item).ConfigureAwait(false))
            {
                continue;
            }

            // It is back in line, where a worker with nothing to do may take it.
            StartWorkers();
            _saturation.Note(line.Read().Waiting);
            await Task.Delay(line.Options.Pause, application.Clock, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            line.Resume();
        }
    }

    /// <summary>Does an item; false when it met saturation and went back.</summary>
    private async Task<bool> IsDoneAsync(QueueItem item)
    {
        using var linked = item.Token.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(item.Token, _end.Token) : null;
        var failure = await item.RunAsync(Pipeline, linked?.Token ?? _end.Token).ConfigureAwait(false);
        if (IsSaturation(failure) && line.PutBack(item))
        {
            return false;
        }

        if (!line.TryEnd(item, EndOf(item, failure), failure))
        {
            await item.DiscardAsync().ConfigureAwait(false); // handed back meanwhile
        }

        return true;
    }

    /// <summary>No room, by the guide's exception or, from a pipeline that does not map, by Polly's.</summary>
    private static bool IsSaturation(Exception? failure) => failure is PoolTimeoutException or RateLimiterRejectedException;

    private static QueueEnd EndOf(QueueItem item, Exception? failure) =>
        failure is null ? QueueEnd.Completed
        : item.Token.IsCancellationRequested && (failure is OperationCanceledException || IsSaturation(failure)) ? QueueEnd.Cancelled
        : QueueEnd.Failed;
}

/// <summary>How many workers a queue has, and whether it needs another one. Under the lock of the queue.</summary>
internal sealed class QueueWorkerCount
{
    private int _workers;
    private int _coming;

    /// <summary>Whether there may be workers yet.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Workers that rest.</summary>
    public int Paused { get; set; }

    public bool TryAddWorker(int waiting, int limit)
    {
        // Those that were hired and have not taken an item yet will take one each.
        if (!IsStarted || waiting <= _coming || _workers >= limit)
        {
            return false;
        }

        _workers++;
        _coming++;
        return true;
    }

    /// <summary>A worker asks for an item; whether it may have one.</summary>
    public bool Ask(bool isNew, int limit)
    {
        _coming -= isNew ? 1 : 0;
        return _workers <= limit;
    }

    public void Leave() => _workers--;
}

/// <summary>Tells the log of saturation: at once, and then once a minute at most, with how often it was met in between.</summary>
internal sealed class QueueSaturation(string queue, ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _toldAt;
    private int _met;

    public void Note(int waiting)
    {
        int met;
        lock (_gate)
        {
            _met++;
            if (_toldAt is { } at && clock.GetElapsedTime(at) < Silence)
            {
                return;
            }

            _toldAt = clock.GetTimestamp();
            (met, _met) = (_met, 0);
        }

        Log.QueueSaturated(logger, queue, met, waiting);
    }
}
