using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Idempotency.Execution;

/// <summary>The store, with a limit on the time of each command. Logs when it stops answering, and when it answers again.</summary>
internal sealed class StoreClient(IIdempotencyStore store, TimeProvider clock, ILogger logger)
{
    private int _isDown;

    public Task<IdempotencyEntry> ClaimAsync(string key, IdempotencyClaim claim, TimeSpan limit, CancellationToken cancellationToken = default) =>
        AskAsync(token => store.ClaimAsync(key, claim, token), limit, cancellationToken);

    public Task<bool> RenewAsync(string key, string owner, TimeSpan lease, bool isCommitted, TimeSpan limit, CancellationToken cancellationToken) =>
        AskAsync(token => store.RenewAsync(key, owner, lease, isCommitted, token), limit, cancellationToken);

    public Task<bool> CompleteAsync(string key, string owner, ReadOnlyMemory<byte> result, TimeSpan retention, TimeSpan limit) =>
        AskAsync(token => store.CompleteAsync(key, owner, result, retention, token), limit, CancellationToken.None);

    public Task<bool> AbandonAsync(string key, string owner, TimeSpan limit) =>
        AskAsync(token => store.AbandonAsync(key, owner, token), limit, CancellationToken.None);

    /// <exception cref="SharedStateUnavailableException">The store failed or did not answer in time.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    private async Task<TResult> AskAsync<TResult>(Func<CancellationToken, ValueTask<TResult>> command, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            // A store may ignore its token, or block before its first await.
            var result = await Task.Run(() => command(either.Token).AsTask(), CancellationToken.None).WaitAsync(either.Token).ConfigureAwait(false);
            if (Interlocked.Exchange(ref _isDown, 0) == 1)
            {
                Log.IdempotencyStoreAvailable(logger);
            }

            return result;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested) // whatever a store throws, the endpoints decide what to do without it
        {
            if (Interlocked.Exchange(ref _isDown, 1) == 0)
            {
                Log.IdempotencyStoreUnavailable(logger, exception);
            }

            throw exception as SharedStateUnavailableException ?? new SharedStateUnavailableException("The idempotency store failed, or did not answer in time.", exception);
        }
    }
}
