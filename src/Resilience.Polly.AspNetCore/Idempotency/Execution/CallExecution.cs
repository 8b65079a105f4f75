using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Idempotency.Settings;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Idempotency.Execution;

/// <summary>One execution of a handler under a claim, which it renews until the handler ends.</summary>
#pragma warning disable CA1001 // EndAsync disposes what must be. The semaphore has nothing to dispose, and a handler may commit after its end
internal sealed class CallExecution
#pragma warning restore CA1001
{
    private readonly ClaimedCalls _calls;
    private readonly string _key;
    private readonly IdempotencyClaim _claim;
    private readonly IdempotentEndpoint _endpoint;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _timer;
    private readonly Task _renewing;
    private bool _isShared;
    private volatile bool _isCommitted;

    public CallExecution(ClaimedCalls calls, string key, IdempotencyClaim claim, IdempotentEndpoint endpoint, bool isShared, TimeProvider clock, ILogger logger)
    {
        (_calls, _key, _claim, _endpoint, _isShared, _logger) = (calls, key, claim, endpoint, isShared, logger);

        // It must not keep what the request keeps.
        using (ExecutionContext.SuppressFlow())
        {
            var interval = endpoint.Options.RenewInterval;
            _timer = clock.CreateTimer(static wake => ((SemaphoreSlim)wake!).Release(), _wake, interval, interval);
            _renewing = Task.Run(RenewAsync);
        }
    }

    /// <summary>The effect is certain: tells the store at once.</summary>
    public void Commit()
    {
        _isCommitted = true;
        _wake.Release();
    }

    /// <summary>The handler has ended.</summary>
    /// <param name="result">What is stored; <see langword="null"/> if the next request with the key may execute.</param>
    public async Task EndAsync(byte[]? result)
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _ended.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        if (!await _calls.EndAsync(new(_key, _claim, result, _endpoint.Options.StoreTimeout)).ConfigureAwait(false))
        {
            Log.IdempotentResultRefused(_logger);
        }

        _ended.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(_ended.Token).ConfigureAwait(false);
                if (!await TryRenewAsync().ConfigureAwait(false))
                {
                    Log.IdempotentClaimLost(_logger, LogText.OneLine(_endpoint.Name));
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The handler has ended.
        }
    }

    /// <returns>False if another owner has the claim.</returns>
    private async Task<bool> TryRenewAsync()
    {
        var (store, options) = (_calls.Store, _endpoint.Options);
        try
        {
            if (_isShared && await store.RenewAsync(_key, _claim.Owner, _claim.Lease, _isCommitted, options.StoreTimeout, _ended.Token).ConfigureAwait(false))
            {
                return true;
            }

            // The store has never had the claim, or has lost it together with its data.
            var entry = await store.ClaimAsync(_key, _claim, options.StoreTimeout, _ended.Token).ConfigureAwait(false);
            _isShared = entry.Status == IdempotencyStatus.Claimed;
            return _isShared && (!_isCommitted
                || await store.RenewAsync(_key, _claim.Owner, _claim.Lease, isCommitted: true, options.StoreTimeout, _ended.Token).ConfigureAwait(false));
        }
        catch (SharedStateUnavailableException)
        {
            // It is tried again after the interval.
            return true;
        }
    }
}
