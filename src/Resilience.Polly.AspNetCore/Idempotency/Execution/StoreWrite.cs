namespace Resilience.Polly.AspNetCore.Idempotency.Execution;

/// <summary>How an execution ended, for the store. Without a result its entry becomes free. The limit is for each command.</summary>
internal sealed record StoreWrite(string Key, IdempotencyClaim Claim, byte[]? Result, TimeSpan Limit)
{
    /// <summary>Writes it. May be repeated.</summary>
    /// <returns>Whether the store has it. False if the entry belongs to another execution.</returns>
    /// <exception cref="SharedStateUnavailableException">The store did not answer.</exception>
    public async Task<bool> ToAsync(StoreClient store)
    {
        if (Result is null)
        {
            await store.AbandonAsync(Key, Claim.Owner, Limit).ConfigureAwait(false);
            return true;
        }

        if (await CompleteAsync(store).ConfigureAwait(false))
        {
            return true;
        }

        // The store may never have had the claim, because it did not answer, or may have lost it. A result that is known is also better than an abandoned claim of another owner.
        var entry = await store.ClaimAsync(Key, Claim, Limit).ConfigureAwait(false);
        return entry.Status == IdempotencyStatus.Claimed && await CompleteAsync(store).ConfigureAwait(false);
    }

    private Task<bool> CompleteAsync(StoreClient store) => store.CompleteAsync(Key, Claim.Owner, Result, Claim.Retention, Limit);
}
