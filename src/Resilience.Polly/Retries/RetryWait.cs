using Resilience.Polly.Primitives;

namespace Resilience.Polly.Retries;

/// <summary>The pause before a retry.</summary>
internal static class RetryWait
{
    /// <summary>Ends after <paramref name="wait"/>, or at once when the call is cancelled; throws in neither case.</summary>
    public static async Task ForAsync(TimeSpan wait, TimeProvider clock, bool isSynchronous, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        if (isSynchronous)
        {
            BlockingWait.For(wait, clock, cancellationToken);
        }
        else
        {
            await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
