using System.Diagnostics.CodeAnalysis;
using Polly;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly.Queues;

/// <summary>One item, whatever its result.</summary>
internal abstract class QueueItem(CancellationToken token)
{
    private const int Begun = 1;
    private const int Withdrawn = 2;

    // As with Task.Run, the work has the trace, the logging scopes and the culture of its enqueuer.
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private TaskCompletionSource<QueueAdmission>? _admission;
    private int _begun;

    public CancellationToken Token => token;

    /// <summary>Whether the work was called at least once.</summary>
    public bool WasBegun => Volatile.Read(ref _begun) == Begun;

    /// <summary>The order of acceptance. An item that goes back keeps it.</summary>
    public long Number { get; set; }

    public QueuePlace Place { get; set; }

    /// <summary>Its node in the list of its place, so it can leave from the middle.</summary>
    public LinkedListNode<QueueItem>? Node { get; set; }

    /// <summary>Makes sure that the work never begins, so it can safely be done elsewhere; false if it was begun.</summary>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _begun, Withdrawn, 0) != Begun;

    /// <summary>Marks the work as begun, before it is called; false if it must not begin any more.</summary>
    protected bool TryBegin() => Interlocked.CompareExchange(ref _begun, Begun, 0) != Withdrawn;

    public void AwaitAdmission() => _admission = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<QueueAdmission> Admission => _admission!.Task;

    public void Admit(QueueAdmission admission) => _admission?.SetResult(admission);

    /// <returns>Its exception, or <see langword="null"/>.</returns>
    public Task<Exception?> RunAsync(ResiliencePipeline? pipeline, CancellationToken cancellationToken)
    {
        if (_context is null)
        {
            return WorkAsync(pipeline, cancellationToken);
        }

        Task<Exception?>? running = null;
        ExecutionContext.Run(_context, _ => running = WorkAsync(pipeline, cancellationToken), null);
        return running!;
    }

    /// <summary>Ends the task of the enqueuer.</summary>
    public abstract void End(QueueEnd how, Exception? failure);

    /// <summary>Disposes the result of work that was handed back while it ran.</summary>
    public abstract ValueTask DiscardAsync();

    protected abstract Task<Exception?> WorkAsync(ResiliencePipeline? pipeline, CancellationToken cancellationToken);
}

/// <summary>One item with the task that its enqueuer awaits. Ending the task runs no code of the enqueuer.</summary>
internal sealed class QueueItem<TResult> : QueueItem
{
    private readonly TaskCompletionSource<TResult> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<CancellationToken, ValueTask<TResult>> _work;
    private TResult? _result;

    public QueueItem(Func<CancellationToken, ValueTask<TResult>> work, CancellationToken token)
        : base(token) => _work = work;

    public Task<TResult> Task => _end.Task;

    public override void End(QueueEnd how, Exception? failure)
    {
        switch (how)
        {
            case QueueEnd.Completed:
                _end.SetResult(_result!);
                break;
            case QueueEnd.Cancelled:
                _end.SetCanceled(Token);
                break;
            default:
                _end.SetException(failure!);
                break;
        }
    }

    public override ValueTask DiscardAsync() => Outcome.FromResult(_result).DiscardAsync();

    protected override async Task<Exception?> WorkAsync(ResiliencePipeline? pipeline, CancellationToken cancellationToken)
    {
        try
        {
            _result = pipeline is null
                ? await CallAsync(cancellationToken).ConfigureAwait(false)
                : await pipeline.ExecuteAsync(static (item, token) => item.CallAsync(token), this, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) // whatever it is, the enqueuer gets it
        {
            return exception;
        }
    }

    private ValueTask<TResult> CallAsync(CancellationToken cancellationToken) =>
        TryBegin() ? _work(cancellationToken) : ValueTask.FromCanceled<TResult>(new CancellationToken(canceled: true));
}

/// <summary>Items in line. Any item can leave, and can come back to its old place. Used under the lock of the queue.</summary>
internal sealed class QueueItems(QueuePlace place)
{
    private readonly LinkedList<QueueItem> _items = new();

    public int Count => _items.Count;

    public IEnumerable<QueueItem> All => _items;

    public void Add(QueueItem item)
    {
        item.Place = place;
        item.Node = _items.AddLast(item);
    }

    /// <summary>Inserts an item before all items with a higher number. Items that come back are near the front, so this takes few steps.</summary>
    public void AddInOrder(QueueItem item)
    {
        var later = _items.First;
        while (later is not null && later.Value.Number < item.Number)
        {
            later = later.Next;
        }

        item.Place = place;
        item.Node = later is null ? _items.AddLast(item) : _items.AddBefore(later, item);
    }

    /// <summary>Removes an item; false if it is not in this line.</summary>
    public bool Remove(QueueItem item)
    {
        if (item.Place != place)
        {
            return false;
        }

        _items.Remove(item.Node!);
        item.Place = QueuePlace.Gone;
        return true;
    }

    public bool TryTakeFirst([NotNullWhen(true)] out QueueItem? item)
    {
        item = _items.First?.Value;
        return item is not null && Remove(item);
    }
}

/// <summary>Where an item is. Changes only under the lock of the line.</summary>
internal enum QueuePlace
{
    New,

    /// <summary>Waits for room; not accepted yet.</summary>
    Outside,

    /// <summary>Accepted, waits for a worker.</summary>
    Waiting,
    Running,

    /// <summary>Between two places, ended, or never accepted.</summary>
    Gone,
}

/// <summary>Whether an item was accepted.</summary>
internal enum QueueAdmission
{
    Accepted,

    /// <summary>Not yet: it waits for room.</summary>
    Pending,

    /// <summary>There was no room in time.</summary>
    Full,
    Cancelled,

    /// <summary>The queue shuts down.</summary>
    Closed,
}

/// <summary>How an accepted item ended. Each item ends in exactly one way.</summary>
internal enum QueueEnd
{
    Completed,
    Failed,
    Cancelled,

    /// <summary>The queue shut down first.</summary>
    HandedBack,
}
