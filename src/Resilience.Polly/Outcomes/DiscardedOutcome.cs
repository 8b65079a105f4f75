using Polly;

namespace Resilience.Polly.Outcomes;

internal static class DiscardedOutcome
{
    /// <summary>Disposes a result that no one will get.</summary>
    /// <param name="outcome">The discarded outcome.</param>
    /// <param name="isSynchronous">Whether the caller's thread is kept.</param>
    public static async ValueTask DiscardAsync<TResult>(this Outcome<TResult> outcome, bool isSynchronous = false)
    {
        try
        {
            switch (outcome.Result)
            {
                case IDisposable disposable when isSynchronous:
                    disposable.Dispose();
                    break;
                case IAsyncDisposable disposable when isSynchronous:
                    disposable.DisposeAsync().AsTask().GetAwaiter().GetResult(); // the next attempt stays on this thread
                    break;
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
        catch (Exception) // no one will get this result
        {
        }
    }
}
