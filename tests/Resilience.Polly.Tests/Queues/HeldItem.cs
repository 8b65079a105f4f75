namespace Resilience.Polly.Tests.Queues;

/// <summary>An item that is in work until the test says how its run ends. It heeds its token, unless it is told not to.</summary>
#pragma warning disable CA1001 // a source without a timer holds nothing to dispose
internal sealed class HeldItem(int id = 0, bool heedsToken = true)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _enqueuer = new();
    private TaskCompletionSource<int>? _run;
    private int _runs;

    public int Id => id;

    public int Runs => Volatile.Read(ref _runs);

    /// <summary>Whether a worker is at it.</summary>
    public bool IsInWork => Volatile.Read(ref _run) is not null;

    public CancellationToken Token => _enqueuer.Token;

    public Task<int> Task { get; private set; } = System.Threading.Tasks.Task.FromResult(0);

    public HeldItem EnqueueTo(RequestQueue queue)
    {
        Task = queue.ExecuteAsync(WorkAsync, _enqueuer.Token);
        return this;
    }

    public void Complete() => Run().SetResult(id);

    /// <summary>The same where the run may have ended meanwhile.</summary>
    public void TryComplete() => Volatile.Read(ref _run)?.TrySetResult(id);

    public void Fail() => Run().SetException(new InvalidOperationException("item " + id));

    public void MeetSaturation() => Run().SetException(new PoolTimeoutException("no room"));

    public void Cancel() => _enqueuer.Cancel();

    public async Task<Exception?> FailureAsync()
    {
        await ((System.Threading.Tasks.Task)Task).WaitAsync(HeldCall.Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Task.IsCanceled ? new OperationCanceledException() : Task.IsCompleted ? Task.Exception?.InnerException : new TimeoutException("The item does not end.");
    }

    private TaskCompletionSource<int> Run() => Volatile.Read(ref _run) ?? throw new InvalidOperationException("The item is not in work.");

    private async ValueTask<int> WorkAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        var run = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Null(Interlocked.Exchange(ref _run, run)); // never by two workers at once
        try
        {
            return await (heedsToken ? run.Task.WaitAsync(cancellationToken) : run.Task);
        }
        finally
        {
            Volatile.Write(ref _run, null);
        }
    }
}
