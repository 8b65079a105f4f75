using Polly.CircuitBreaker;

namespace Resilience.Polly;

/// <summary>
/// Holds the circuits that the instances of an application share (guide: "Pattern 3: Circuit Breaker Pattern"). Each instance decides from its own memory; the store carries news.
/// </summary>
/// <remarks>
/// Each step is atomic and uses the clock of the store. Every change of a circuit has a higher epoch, and is sent to all subscribers. A message may be lost:
/// <see cref="SyncAsync"/> finds what was missed. A method that cannot reach the store throws <see cref="SharedStateUnavailableException"/>.
/// </remarks>
public interface ISharedCircuitStore
{
    /// <summary>Adds the vote of an instance whose own circuit has opened. With enough votes the circuit opens for all, unless it is open already.</summary>
    /// <param name="circuit">The name of the circuit.</param>
    /// <param name="vote">The vote.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The circuit, with this vote.</returns>
    ValueTask<SharedCircuit> VoteAsync(string circuit, SharedCircuitVote vote, CancellationToken cancellationToken = default);

    /// <summary>Changes the circuit for all, unless its epoch is above the known one. Removes all votes and ends the lease of the probe.</summary>
    /// <param name="circuit">The name of the circuit.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The circuit as it is now, changed or not.</returns>
    ValueTask<SharedCircuit> ChangeAsync(string circuit, SharedCircuitChange change, CancellationToken cancellationToken = default);

    /// <summary>Reads the circuit. If the store knows an older epoch, because it has lost its data, it takes over what the instance knows, with an epoch above both.</summary>
    /// <param name="circuit">The name of the circuit.</param>
    /// <param name="known">What the instance knows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The circuit as it is now.</returns>
    ValueTask<SharedCircuit> SyncAsync(string circuit, SharedCircuitChange known, CancellationToken cancellationToken = default);

    /// <summary>Takes the lease for the only probe of all instances, if the break is over and no other instance has the lease.</summary>
    /// <param name="circuit">The name of the circuit.</param>
    /// <param name="owner">Who probes: a name that is made once for each probe.</param>
    /// <param name="epoch">The epoch of the open circuit.</param>
    /// <param name="lease">How long the lease lasts.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The circuit as it is now; <see cref="SharedCircuit.HasProbe"/> says whether this owner has the lease.</returns>
    ValueTask<SharedCircuit> TakeProbeAsync(string circuit, string owner, long epoch, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Ends the lease of a probe that said nothing about the dependency.</summary>
    /// <param name="circuit">The name of the circuit.</param>
    /// <param name="owner">Who has the lease.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the lease has.</returns>
    ValueTask ReleaseProbeAsync(string circuit, string owner, CancellationToken cancellationToken = default);

    /// <summary>Hears of every change of every circuit.</summary>
    /// <param name="changed">Gets the name of the circuit and its new state, in the order of the epochs, on any thread. It must not block.</param>
    /// <returns>Ends the subscription when it is disposed.</returns>
    IDisposable Subscribe(Action<string, SharedCircuit> changed);
}

/// <summary>A circuit that instances share, at one moment.</summary>
public sealed record SharedCircuit
{
    /// <summary>Grows with every change; 0 for a circuit that never changed.</summary>
    public long Epoch { get; init; }

    /// <summary>Closed, open or isolated. Half-open is a matter of the instance that probes.</summary>
    public CircuitState State { get; init; }

    /// <summary>How long the break still lasts; zero when it is over, <see langword="null"/> without end or if the circuit is closed.</summary>
    public TimeSpan? BreakLeft { get; init; }

    /// <summary>How often the circuit has opened since it was last closed.</summary>
    public int Breaks { get; init; }

    /// <summary>The instance that made the last change; <see langword="null"/> if there was none.</summary>
    public string? ChangedBy { get; init; }

    /// <summary>Why it made it.</summary>
    public string? Reason { get; init; }

    /// <summary>The instances whose own circuit is open while this one is closed, in order.</summary>
    public IReadOnlyList<string> Votes { get; init; } = [];

    /// <summary>Whether the caller has the lease of the probe.</summary>
    public bool HasProbe { get; init; }
}

/// <summary>The vote of an instance to open a circuit.</summary>
public sealed class SharedCircuitVote
{
    /// <summary>The instance.</summary>
    public required string Instance { get; init; }

    /// <summary>The epoch that the instance knows. A store that has lost its data continues above it.</summary>
    public required long Epoch { get; init; }

    /// <summary>How many votes open the circuit.</summary>
    public required int Quorum { get; init; }

    /// <summary>How long the circuit is open in this instance. The vote lasts as long, and so does the break that it leads to.</summary>
    public required TimeSpan Break { get; init; }

    /// <summary>How often the circuit has opened in this instance since it was last closed.</summary>
    public int Breaks { get; init; }

    /// <summary>Why it opened.</summary>
    public required string Reason { get; init; }
}

/// <summary>A new state of a shared circuit.</summary>
public sealed class SharedCircuitChange
{
    /// <summary>The instance that makes the change.</summary>
    public required string Instance { get; init; }

    /// <summary>The epoch that the instance knows. A store that has lost its data continues above it.</summary>
    public required long Epoch { get; init; }

    /// <summary>Whether the change also holds in a higher epoch, because a person made it.</summary>
    public bool IsForced { get; init; }

    /// <summary>Closed, open or isolated.</summary>
    public required CircuitState State { get; init; }

    /// <summary>How long the break lasts from now; <see langword="null"/> without end or if the circuit is closed.</summary>
    public TimeSpan? Break { get; init; }

    /// <summary>How often the circuit has opened since it was last closed.</summary>
    public int Breaks { get; init; }

    /// <summary>Why it changes.</summary>
    public required string Reason { get; init; }
}
