namespace Resilience.Polly;

/// <summary>
/// Remembers which logical calls a server has executed, and with which result (guide: "Idempotency: The Key to Safe Retries"). One store serves all instances of a service.
/// </summary>
/// <remarks>
/// An entry is free, claimed by one owner, or completed. A claim is a lease that its owner renews while it works. Each step is atomic, and only the owner of the
/// claim can renew, complete or abandon it. A store measures time by its own clock, never by that of a caller. A method that cannot reach the store throws
/// <see cref="SharedStateUnavailableException"/> within the time limit of the store. Such a command may still run later.
/// </remarks>
public interface IIdempotencyStore
{
    /// <summary>Claims an entry if it is free. The same owner may claim again, for example after an answer was lost.</summary>
    /// <param name="key">The key of the entry.</param>
    /// <param name="claim">Who claims it, and for which request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state of the entry. Only <see cref="IdempotencyStatus.Claimed"/> allows the owner to execute the call.</returns>
    /// <exception cref="SharedStateUnavailableException">The store did not answer.</exception>
    ValueTask<IdempotencyEntry> ClaimAsync(string key, IdempotencyClaim claim, CancellationToken cancellationToken = default);

    /// <summary>Prolongs a claim. Also revives one whose lease is over, if nobody has taken it.</summary>
    /// <param name="key">The key of the entry.</param>
    /// <param name="owner">Who claimed it.</param>
    /// <param name="lease">How long from now the claim lasts.</param>
    /// <param name="isCommitted">Whether the effect of the call is certain from now on. An abandoned claim of that kind is never given to another owner.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the owner still has the claim.</returns>
    /// <exception cref="SharedStateUnavailableException">The store did not answer.</exception>
    ValueTask<bool> RenewAsync(string key, string owner, TimeSpan lease, bool isCommitted, CancellationToken cancellationToken = default);

    /// <summary>Stores the result of a call. Repeating it with the same owner changes nothing.</summary>
    /// <param name="key">The key of the entry.</param>
    /// <param name="owner">Who claimed it.</param>
    /// <param name="result">The result as bytes.</param>
    /// <param name="retention">How long from now the result is kept.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the entry has the result of this owner now. False if another owner has taken the claim.</returns>
    /// <exception cref="SharedStateUnavailableException">The store did not answer.</exception>
    ValueTask<bool> CompleteAsync(string key, string owner, ReadOnlyMemory<byte> result, TimeSpan retention, CancellationToken cancellationToken = default);

    /// <summary>Makes an entry free, because the call had no effect.</summary>
    /// <param name="key">The key of the entry.</param>
    /// <param name="owner">Who claimed it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the owner had the claim.</returns>
    /// <exception cref="SharedStateUnavailableException">The store did not answer.</exception>
    ValueTask<bool> AbandonAsync(string key, string owner, CancellationToken cancellationToken = default);
}

/// <summary>A wish to execute a call.</summary>
public sealed class IdempotencyClaim
{
    /// <summary>Who claims: a name that is made once for each execution of a request and belongs to nobody else.</summary>
    public required string Owner { get; init; }

    /// <summary>The hash of the request. Another request with the same key has another one.</summary>
    public required ReadOnlyMemory<byte> Fingerprint { get; init; }

    /// <summary>How long the claim lasts if its owner does not renew it.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>How long an entry that nobody completes is remembered, from its last renewal.</summary>
    public required TimeSpan Retention { get; init; }

    /// <summary>
    /// Whether to take a claim whose owner did not renew it in time. If not, the answer is <see cref="IdempotencyStatus.Abandoned"/>, and the entry stays as it is.
    /// </summary>
    public bool TakesAbandoned { get; init; }
}

/// <summary>What a store knows about an entry.</summary>
public sealed class IdempotencyEntry
{
    /// <summary>The state.</summary>
    public required IdempotencyStatus Status { get; init; }

    /// <summary>The result of a <see cref="IdempotencyStatus.Completed"/> entry; otherwise empty.</summary>
    public ReadOnlyMemory<byte> Result { get; init; }

    /// <summary>How long the lease of a <see cref="IdempotencyStatus.Running"/> entry still lasts.</summary>
    public TimeSpan LeaseLeft { get; init; }

    /// <summary>Whether the owner of a <see cref="IdempotencyStatus.Abandoned"/> entry said that the effect is certain.</summary>
    public bool IsCommitted { get; init; }
}

/// <summary>The states of an entry, as the caller that claims it sees them.</summary>
public enum IdempotencyStatus
{
    /// <summary>The caller has the claim, and executes the call.</summary>
    Claimed,

    /// <summary>Another owner executes the call.</summary>
    Running,

    /// <summary>The call was executed, and its result is known.</summary>
    Completed,

    /// <summary>The key belongs to another request, which runs or is completed.</summary>
    Mismatch,

    /// <summary>The owner did not renew its claim in time. Whether the call had its effect is unknown, unless <see cref="IdempotencyEntry.IsCommitted"/>.</summary>
    Abandoned,
}
