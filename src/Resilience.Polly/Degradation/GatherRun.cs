using Resilience.Polly.Primitives;

namespace Resilience.Polly.Degradation;

/// <summary>The one run of a <see cref="ScatterGather"/>: the state that its parts share while they run.</summary>
#pragma warning disable CA1001 // a straggler may read its token long after the run; the sources hold neither timer nor registration
internal sealed class GatherRun
#pragma warning restore CA1001
{
    private readonly TimeSpan _deadline;
    private readonly TimeSpan _grace;
    private readonly CancellationToken _caller;

    // Continued on another thread: the thread of the last part must not continue with the caller's work.
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _calls = new();
    private readonly CancellationTokenSource _fallbacks = new();
    private int _open;

    public GatherRun(int parts, TimeSpan deadline, TimeSpan grace, CancellationToken caller)
    {
        (_open, _deadline, _grace, _caller) = (parts, deadline, grace, caller);
        if (parts == 0)
        {
            _settled.SetResult();
        }
    }

    /// <summary>Cancelled at the deadline.</summary>
    public CancellationToken Calls => _calls.Token;

    /// <summary>Cancelled when the grace after the deadline is over.</summary>
    public CancellationToken Fallbacks => _fallbacks.Token;

    /// <summary>Ends when every part has a result.</summary>
    public Task Settled => _settled.Task;

    public void SettleOne()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _settled.SetResult();
        }
    }

    public Exception CallLate(string part) => Late($"Part '{part}' did not answer within {Text.Of(_deadline)}, the deadline of all parts.", _deadline);

    public Exception FallbackLate(string part) =>
        Late($"The fallback of part '{part}' did not answer within {Text.Of(_grace)} after the deadline of all parts.", _grace);

    // Cancelled on another thread and not awaited: callbacks registered with the token may hang or throw.
    public void CancelCalls() => Cancel(_calls);

    public void CancelAll()
    {
        Cancel(_calls);
        Cancel(_fallbacks);
    }

    private Exception Late(string message, TimeSpan limit) => _caller.IsCancellationRequested
        ? new OperationCanceledException(_caller)
        : new ApiTimeoutException(message) { Phase = TimeoutPhase.Total, Limit = limit, Attempts = 1 };

    private static void Cancel(CancellationTokenSource source) =>
        source.CancelAsync().ContinueWith(
            static cancelled => _ = cancelled.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
