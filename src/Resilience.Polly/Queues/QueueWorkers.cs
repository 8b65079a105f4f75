using Microsoft.Extensions.Logging;
using Polly;
using Polly.RateLimiting;
using Resilience.Polly.Events;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Queues;

/// <summary>Runs the items of a queue. A worker begins when there is an item, and ends when there is none.</summary>
#pragma warning disable CA1001 // a source without a timer has nothing to dispose, and work that was handed back may read its token at any time
internal sealed class QueueWorkers(string queue, QueueLine line, ResiliencePipeline? pipeline, ApplicationServices application)
#pragma warning restore CA1001
{
    private readonly QueueSaturation _saturation = new(queue, application.Logger, application.Clock);
    private readonly CancellationTokenSource _end = new();
    private ResiliencePipeline? _pipeline = pipeline;

    /// <summary>The pipeline that items run through; <see langword="null"/> if they use their own.</summary>
    public ResiliencePipeline? Pipeline
    {
        get => Volatile.Read(ref _pipeline);
        set => Volatile.Write(ref _pipeline, value);
    }

    /// <summary>Starts as many workers as there is work for, up to the limit.</summary>
    public void StartWorkers()
    {
        while (line.TryAddWorker())
        {
            // Without the execution context of the caller: each item has its own.
            ThreadPool.UnsafeQueueUserWorkItem(static workers => _ = workers.WorkAsync(), this, preferLocal: false);
        }
    }

    /// <summary>Cancels running work, and wakes resting workers. Not awaited, since this calls foreign code.</summary>
    public void End() => _ = _end.CancelAsync();

    private async Task WorkAsync()
    {
        for (var item = line.Take(isNew: true); item is not null; item = line.Take(isNew: false))
        {
            if (await IsDoneAsync(item).ConfigureAwait(false))
            {
                continue;
            }

            // The item is back in line, where a free worker may take it.
            StartWorkers();
            _saturation.Note(line.Read().Waiting);
            await Task.Delay(line.Options.Pause, application.Clock, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            line.Resume();
        }
    }

    /// <summary>Runs an item; false if it met saturation and went back.</summary>
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

    /// <summary>No room: the guide's exception or, from a pipeline that does not map, Polly's.</summary>
    private static bool IsSaturation(Exception? failure) => failure is PoolTimeoutException or RateLimiterRejectedException;

    private static QueueEnd EndOf(QueueItem item, Exception? failure) =>
        failure is null ? QueueEnd.Completed
        : item.Token.IsCancellationRequested && (failure is OperationCanceledException || IsSaturation(failure)) ? QueueEnd.Cancelled
        : QueueEnd.Failed;
}

/// <summary>How many workers a queue has, and whether it needs another one. Used under the lock of the queue.</summary>
internal sealed class QueueWorkerCount
{
    private int _workers;
    private int _coming;

    /// <summary>Whether workers are allowed yet.</summary>
    public bool IsStarted { get; set; }

    public int Paused { get; set; }

    public bool TryAddWorker(int waiting, int limit)
    {
        // Workers that have started and have not taken an item yet will take one each.
        if (!IsStarted || waiting <= _coming || _workers >= limit)
        {
            return false;
        }

        _workers++;
        _coming++;
        return true;
    }

    /// <summary>Whether a worker may take an item.</summary>
    public bool Ask(bool isNew, int limit)
    {
        _coming -= isNew ? 1 : 0;
        return _workers <= limit;
    }

    public void Leave() => _workers--;
}

/// <summary>Logs saturation: at once, and then at most once a minute, with how often it happened in between.</summary>
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
