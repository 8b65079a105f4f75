using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Idempotency.Settings;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Idempotency.Execution;

/// <summary>
/// The calls of this instance and those of the store. This instance remembers its own as well: a store that does not answer, or has lost its data, must not lead to a second execution here.
/// </summary>
internal sealed class ClaimedCalls : IDisposable
{
    // The process that has a local claim is alive as long as the claim.
    private static readonly TimeSpan Forever = TimeSpan.FromDays(10_000);

    private readonly InMemoryIdempotencyStore _local;
    private readonly bool _keepsResults;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    public ClaimedCalls(IIdempotencyStore store, TimeProvider clock, ILoggerFactory loggers)
    {
        (_clock, _logger) = (clock, loggers.CreateLogger(Log.Category));
        _local = new(maxBytes: 64L * 1024 * 1024, timeProvider: clock);
        Store = new(store, clock, _logger);
        Kept = new(Store, clock, _logger);

        // A store in the memory of this process answers as long as the process lives.
        _keepsResults = store is not InMemoryIdempotencyStore;
    }

    public StoreClient Store { get; }

    public KeptWrites Kept { get; }

    /// <summary>Claims a call.</summary>
    /// <returns>The execution if it is claimed, otherwise what is known of the call; neither if the store did not answer and the options say so.</returns>
    public async Task<(CallExecution? Execution, IdempotencyEntry? Entry)> ClaimAsync(string key, byte[] fingerprint, IdempotentEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (_local.Find(key, fingerprint) is { } known)
        {
            return (null, known);
        }

        var options = endpoint.Options;
        var claim = new IdempotencyClaim
        {
            Owner = Guid.NewGuid().ToString("N"),
            Fingerprint = fingerprint,
            Lease = options.Lease,
            Retention = options.Retention,
            TakesAbandoned = options.OnAbandoned == AbandonedCallAction.ReExecute,
        };
        IdempotencyEntry? entry = null;
        try
        {
            entry = await Store.ClaimAsync(key, claim, options.StoreTimeout, cancellationToken).ConfigureAwait(false);
            if (entry.Status != IdempotencyStatus.Claimed)
            {
                return (null, entry);
            }
        }
        catch (OperationCanceledException)
        {
            Forget(key, claim, options);
            throw;
        }
        catch (SharedStateUnavailableException)
        {
            if (options.OnStoreUnavailable == StoreUnavailableAction.Reject)
            {
                Forget(key, claim, options);
                return (null, null);
            }
        }

        IdempotencyEntry? local;
        try
        {
            local = await ClaimLocallyAsync(key, claim).ConfigureAwait(false);
        }
        catch (SharedStateUnavailableException)
        {
            // This instance executes too many calls already.
            local = null;
        }

        if (local?.Status == IdempotencyStatus.Claimed)
        {
            return (new(this, key, claim, endpoint, isShared: entry is not null, _clock, _logger), null);
        }

        // Another request of this instance was faster, although the store gave the claim to this one: the store has lost its data.
        Forget(key, claim, options);
        return (null, local);
    }

    /// <summary>Ends an execution here and in the store. Never fails: what cannot be stored is kept.</summary>
    /// <returns>False if the entry belongs to another execution.</returns>
    public async Task<bool> EndAsync(StoreWrite write)
    {
        bool? isStored = null;
        try
        {
            isStored = await write.ToAsync(Store).ConfigureAwait(false);
        }
        catch (SharedStateUnavailableException)
        {
            Kept.Add(write);
        }

        // The local claim ends last, so that no request comes in between.
        if (write.Result is null || isStored == false || (isStored == true && !_keepsResults))
        {
            await _local.AbandonAsync(write.Key, write.Claim.Owner).ConfigureAwait(false);
        }
        else
        {
            await CompleteLocallyAsync(write).ConfigureAwait(false);
        }

        return isStored != false;
    }

    public void Dispose() => Kept.Dispose();

    private async Task CompleteLocallyAsync(StoreWrite write)
    {
        try
        {
            await _local.CompleteAsync(write.Key, write.Claim.Owner, write.Result, write.Claim.Retention).ConfigureAwait(false);
        }
        catch (SharedStateUnavailableException)
        {
            // No room for a copy. The store has the result, or gets it.
            await _local.AbandonAsync(write.Key, write.Claim.Owner).ConfigureAwait(false);
        }
    }

    private ValueTask<IdempotencyEntry> ClaimLocallyAsync(string key, IdempotencyClaim claim) => _local.ClaimAsync(key, new()
    {
        Owner = claim.Owner, Fingerprint = claim.Fingerprint, Lease = Forever, Retention = Forever,
    });

    // Nothing is executed, but the store may have the claim, now or later.
    private void Forget(string key, IdempotencyClaim claim, IdempotentEndpointOptions options)
    {
        Kept.Add(new(key, claim, Result: null, options.StoreTimeout));
        _ = Kept.FlushAsync();
    }
}
