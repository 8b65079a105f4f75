using Polly;

namespace Resilience.Polly.TestKit;

/// <summary>A call through a pipeline that goes on until the test says how each of its attempts ends.</summary>
/// <remarks>An answer ends the attempt on the spot: what follows from it has happened when <see cref="Answer"/> or <see cref="Fail"/> returns.</remarks>
public sealed class HeldCall : IDisposable
{
    /// <summary>Long enough to mean "never" on the busiest machine; only a test that fails anyway ever waits for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _started = new(0);
    private readonly CancellationTokenSource _caller = new();
    private readonly bool _heedsToken;
    private TaskCompletionSource _answer = new();
    private int _attempts;

    /// <summary>Begins a call, which is inside its first attempt, or in line for it, or rejected, when the constructor returns. A delegate that heeds its token ends when the call is cancelled or timed out; another only when it is answered.</summary>
    public HeldCall(ResiliencePipeline pipeline, bool heedsToken = false, bool isCancelled = false)
    {
        _heedsToken = heedsToken;
        if (isCancelled)
        {
            _caller.Cancel();
        }

        Ended = pipeline.ExecuteAsync(AttemptAsync, _caller.Token).AsTask();
    }

    /// <summary>Ends as the call ends for its caller.</summary>
    public Task Ended { get; }

    public CancellationToken CallerToken => _caller.Token;

    /// <summary>How often the delegate was run.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    public void Answer() => OnTheSpot(_answer.SetResult);

    public void Fail(Exception exception) => OnTheSpot(() => _answer.SetException(exception));

    /// <summary>The caller gives up.</summary>
    public void Cancel() => _caller.Cancel();

    /// <summary>Ends when the next attempt is inside its delegate; each attempt is told once.</summary>
    public async Task AttemptStartedAsync()
    {
        if (!await _started.WaitAsync(Patience))
        {
            throw new TimeoutException("The call has no further attempt.");
        }
    }

    /// <summary>Answers, and waits for the end of the call.</summary>
    public Task FinishAsync()
    {
        Answer();
        return Ended.WaitAsync(Patience);
    }

    /// <summary>How the call ended; <see langword="null"/> when well.</summary>
    public async Task<Exception?> FailureAsync()
    {
        await Ended.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Ended.IsCompleted
            ? Ended.Exception?.InnerException ?? (Ended.IsCanceled ? new OperationCanceledException(CallerToken) : null)
            : throw new TimeoutException("The call does not end.");
    }

    public void Dispose()
    {
        _started.Dispose();
        _caller.Dispose();
    }

    // Where there is a synchronization context, .NET continues on another thread rather than here.
    private static void OnTheSpot(Action end)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            end();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private async ValueTask AttemptAsync(CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource();
        _answer = answer;
        Interlocked.Increment(ref _attempts);
        _started.Release();
        await (_heedsToken ? answer.Task.WaitAsync(cancellationToken) : answer.Task).ConfigureAwait(false);
    }
}
