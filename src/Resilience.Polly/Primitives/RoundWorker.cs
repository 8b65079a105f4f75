namespace Resilience.Polly.Primitives;

/// <summary>Works in rounds, one after another, off the threads of those who ask for it.</summary>
internal abstract class RoundWorker
{
    private readonly Lock _gate = new();
    private bool _isRunning;
    private TaskCompletionSource? _next; // the round after the one that runs

    /// <summary>Asks for a round that begins after this call, and so sees what the caller has changed. All who ask during a round get the same next one.</summary>
    /// <returns>Ends with the round.</returns>
    protected Task NextRoundAsync()
    {
        lock (_gate)
        {
            var ended = _next ?? new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_isRunning)
            {
                _next = ended;
                return ended.Task;
            }

            _isRunning = true;
            using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            {
                _ = Task.Run(() => RunAsync(ended));
            }

            return ended.Task;
        }
    }

    /// <summary>The work of a round. It must not throw.</summary>
    protected abstract Task RoundAsync();

    private async Task RunAsync(TaskCompletionSource? ended)
    {
        while (ended is not null)
        {
            await RoundAsync().ConfigureAwait(false);
            ended.SetResult();
            lock (_gate)
            {
                (ended, _next) = (_next, null);
                _isRunning = ended is not null;
            }
        }
    }
}
