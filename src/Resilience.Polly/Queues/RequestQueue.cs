using Polly;
using Resilience.Polly.Events;
using Resilience.Polly.Primitives;
using Resilience.Polly.Queues;

namespace Resilience.Polly;

/// <summary>
/// A bounded queue of requests that a few workers run later, when there is room for them
/// (guide: "Handling Bulkhead Saturation", "3. Request Queuing with Backpressure"). <c>AddRequestQueue</c> adds it. Get it by name as a keyed service, or
/// from <see cref="RequestQueueProvider"/>.
/// </summary>
/// <remarks>
/// First come, first served. The workers start and stop with the host; requests enqueued before that wait. An item whose work meets
/// <see cref="PoolTimeoutException"/> goes back to its place and runs again, until it succeeds, is cancelled or is handed back.
/// </remarks>
#pragma warning disable CA1711 // the guide's name, and it is a queue
#pragma warning disable RS0026 // as in Polly's pipelines, the overloads differ in what the delegate returns, so no call fits two of them
public sealed class RequestQueue
#pragma warning restore CA1711
{
    private readonly QueueLine _line;
    private readonly QueueWorkers _workers;
    private readonly ApplicationServices _application;

    internal RequestQueue(string name, QueueOptions options, ResiliencePipeline? pipeline, ApplicationServices application)
    {
        Name = name;
        _application = application;
        _line = new(name, options);
        _workers = new(name, _line, pipeline, application);
    }

    /// <summary>The name of the queue.</summary>
    public string Name { get; }

    internal QueueOptions Options => _line.Options;

    internal ResiliencePipeline? Pipeline => _workers.Pipeline;

    /// <summary>The state of the queue now.</summary>
    public QueueSnapshot GetSnapshot() => _line.Read();

    /// <summary>Runs a request through the queue and waits for its result.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="work">
    /// The request. The queue runs it again when it meets <see cref="PoolTimeoutException"/>, and the pipeline as often as it retries. It runs in the
    /// execution context of the caller, as with <see cref="Task.Run(Action)"/>. <paramref name="cancellationToken"/> and the end of the shutdown cancel its token.
    /// </param>
    /// <param name="cancellationToken">Cancels the request: at once while it waits, through its token while it runs.</param>
    /// <returns>The result of the work, or its exception. No code of the caller runs on the worker.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is <see langword="null"/>.</exception>
    /// <exception cref="QueueFullException">The queue is full, and there was no room within <see cref="QueueOptions.EnqueueTimeout"/>.</exception>
    /// <exception cref="QueueShutdownException">The queue shut down before the work was done.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<TResult> ExecuteAsync<TResult>(Func<CancellationToken, ValueTask<TResult>> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return AcceptAsync(work, cancellationToken).Unwrap();
    }

    /// <inheritdoc cref="ExecuteAsync{TResult}"/>
    public Task ExecuteAsync(Func<CancellationToken, ValueTask> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return AcceptAsync(WithResult(work), cancellationToken).Unwrap();
    }

    /// <summary>Puts a request into the queue and waits only until the queue accepts it, for example to answer 202 Accepted.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="work">The request, as with <see cref="ExecuteAsync{TResult}"/>.</param>
    /// <param name="cancellationToken">
    /// Cancels the request, even after the queue accepted it. Do not pass the token of an HTTP request that ends before the work does.
    /// </param>
    /// <returns>A ticket, as soon as the queue accepts the request. Its <see cref="QueueTicket{TResult}.Completion"/> ends with the work.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is <see langword="null"/>.</exception>
    /// <exception cref="QueueFullException">The queue is full, and there was no room within <see cref="QueueOptions.EnqueueTimeout"/>.</exception>
    /// <exception cref="QueueShutdownException">The queue shuts down and did not accept the request.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled before the queue accepted the request.</exception>
    public Task<QueueTicket<TResult>> EnqueueAsync<TResult>(Func<CancellationToken, ValueTask<TResult>> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return TicketAsync();

        async Task<QueueTicket<TResult>> TicketAsync() => new(await AcceptAsync(work, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc cref="EnqueueAsync{TResult}"/>
    /// <returns>A ticket, as soon as the queue accepts the request. Its <see cref="QueueTicket.Completion"/> ends with the work.</returns>
    public Task<QueueTicket> EnqueueAsync(Func<CancellationToken, ValueTask> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return TicketAsync();

        async Task<QueueTicket> TicketAsync() => new(await AcceptAsync(WithResult(work), cancellationToken).ConfigureAwait(false));
    }

    internal void Start()
    {
        _line.Start();
        _workers.StartWorkers();
    }

    internal void Apply(QueueOptions options, ResiliencePipeline? pipeline)
    {
        _workers.Pipeline = pipeline;
        _line.Apply(options);
        _workers.StartWorkers();
    }

    /// <summary>Accepts no new items and continues until all are done, the limit is reached or <paramref name="cancellationToken"/> is cancelled. Then it hands back the rest.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_line.Close() && !_line.Drained.IsCompleted)
            {
                var now = _line.Read();
                Log.QueueDraining(_application.Logger, Name, now.Waiting, now.Running, Text.Of(Options.DrainTimeout));
                await _line.Drained.WaitAsync(Options.DrainTimeout, _application.Clock, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            TakeRemaining();
        }
    }

    /// <summary>Ends the queue at once, if it was not stopped before.</summary>
    internal void Abandon()
    {
        _line.Close();
        TakeRemaining();
    }

    private void TakeRemaining()
    {
        var left = _line.TakeRemaining(item => ShutDown(wasBegun: !item.TryWithdraw()));

        // After they have ended, so none of them counts as failed.
        _workers.End();
        if (left.Count > 0)
        {
            Log.QueueHandedBack(_application.Logger, Name, left.Count, left.Count(item => item.WasBegun));
        }
    }

    private async Task<Task<TResult>> AcceptAsync<TResult>(Func<CancellationToken, ValueTask<TResult>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var item = new QueueItem<TResult>(work, cancellationToken);
        var admission = _line.Offer(item);
        if (admission == QueueAdmission.Pending)
        {
            admission = await WaitForRoomAsync(item).ConfigureAwait(false);
        }

        switch (admission)
        {
            case QueueAdmission.Accepted:
                _workers.StartWorkers();
                return ResultOfAsync(item);
            case QueueAdmission.Cancelled:
                throw new OperationCanceledException(cancellationToken);
            case QueueAdmission.Full:
                throw Full();
            default:
                throw ShutDown(wasBegun: false);
        }
    }

    private QueueFullException Full() =>
        new($"Queue '{Name}' is full: {Options.Capacity} requests wait already" +
            $"{(Options.EnqueueTimeout == TimeSpan.Zero ? "" : $", and no place became free within {Text.Of(Options.EnqueueTimeout)}")}. " +
            "Slow down, degrade gracefully, or allow more in the queue's Capacity.")
        {
            QueueName = Name, Limit = Options.EnqueueTimeout,
        };

    private QueueShutdownException ShutDown(bool wasBegun) =>
        new($"Queue '{Name}' shuts down, and the request was {(wasBegun ? "begun but not finished: it may have had an effect" : "not begun")}. " +
            "Do it elsewhere, or keep it for later.")
        {
            QueueName = Name, WasBegun = wasBegun,
        };

    private async Task<QueueAdmission> WaitForRoomAsync(QueueItem item)
    {
        var timer = _application.Clock.CreateTimer(
            _ => _line.GiveUp(item, QueueAdmission.Full), null, Options.EnqueueTimeout, Timeout.InfiniteTimeSpan);
        await using (timer.ConfigureAwait(false))
        {
            using var registration = item.Token.UnsafeRegister(_ => _line.GiveUp(item, QueueAdmission.Cancelled), null);
            return await item.Admission.ConfigureAwait(false);
        }
    }

    private async Task<TResult> ResultOfAsync<TResult>(QueueItem<TResult> item)
    {
        using var registration = item.Token.UnsafeRegister(_ => _line.Cancel(item), null);
        return await item.Task.ConfigureAwait(false);
    }

    private static Func<CancellationToken, ValueTask<object?>> WithResult(Func<CancellationToken, ValueTask> work) => async token =>
    {
        await work(token).ConfigureAwait(false);
        return null;
    };
}
