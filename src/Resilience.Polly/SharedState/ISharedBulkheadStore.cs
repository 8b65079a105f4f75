namespace Resilience.Polly;

/// <summary>
/// Divides the slots of a bulkhead among the instances of an application (guide: "Pattern 4: Bulkhead Pattern"). An instance holds slots on a lease and gives them to its calls
/// without asking again.
/// </summary>
/// <remarks>
/// Each step is atomic and uses the clock of the store. All instances together never hold more slots than the limit. The slots of an instance that does not renew its lease are free
/// when the lease is over. A method that cannot reach the store throws <see cref="SharedStateUnavailableException"/>.
/// </remarks>
public interface ISharedBulkheadStore
{
    /// <summary>Sets how many slots an instance holds, and renews its lease.</summary>
    /// <param name="bulkhead">The name of the bulkhead.</param>
    /// <param name="request">What the instance wants.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What it holds now. It is never less than it held before, unless it wanted less.</returns>
    ValueTask<SharedSlots> HoldAsync(string bulkhead, SharedSlotsRequest request, CancellationToken cancellationToken = default);

    /// <summary>Hears when an instance needs slots that others hold, and when slots become free that an instance needs.</summary>
    /// <param name="changed">Gets the name of the bulkhead, on any thread. It must not block.</param>
    /// <returns>Ends the subscription when it is disposed.</returns>
    IDisposable Subscribe(Action<string> changed);
}

/// <summary>How many slots an instance wants to hold.</summary>
public sealed class SharedSlotsRequest
{
    /// <summary>The instance.</summary>
    public required string Instance { get; init; }

    /// <summary>Grows with every request of the instance for the bulkhead. The store ignores an older one that comes late.</summary>
    public required long Sequence { get; init; }

    /// <summary>How many slots it wants to hold. Zero gives all back.</summary>
    public required int Wanted { get; init; }

    /// <summary>How many of them it needs now, for calls that are inside or wait. Others may have to give back what they do not need.</summary>
    public required int Needed { get; init; }

    /// <summary>How many slots all instances hold at most.</summary>
    public required int Limit { get; init; }

    /// <summary>How long the instance holds its slots if it does not ask again.</summary>
    public required TimeSpan Lease { get; init; }
}

/// <summary>The slots of a bulkhead that instances share, at one moment.</summary>
public sealed class SharedSlots
{
    /// <summary>How many slots the instance holds.</summary>
    public required int Held { get; init; }

    /// <summary>Whether another instance needs slots and has none. An instance gives back what it does not need then.</summary>
    public required bool AreScarce { get; init; }

    /// <summary>How many slots each instance holds, without those that hold none.</summary>
    public required IReadOnlyDictionary<string, int> ByInstance { get; init; }
}
