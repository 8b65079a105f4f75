using Resilience.Polly.Degradation;

namespace Resilience.Polly;

/// <summary>A part of a <see cref="ScatterGather"/>, whatever the type of its value.</summary>
public abstract class ScatterPart
{
    private protected ScatterPart(string name) => Name = name;

    /// <summary>The name that the part was added under.</summary>
    public string Name { get; }

    /// <summary>What became of it. After the run it does not change any more.</summary>
    public abstract ScatterPartState State { get; }

    /// <summary>Whether there is a value: that of the call or of the fallback.</summary>
    public bool HasValue => State is ScatterPartState.Answered or ScatterPartState.Fallback;

    /// <summary>Whether the call gave no value, so that there is a fallback's or none.</summary>
    public bool IsDegraded => State is ScatterPartState.Fallback or ScatterPartState.Missing;

    /// <summary>
    /// Why the call gave no value: what it threw, or an <see cref="ApiTimeoutException"/> of the phase <see cref="TimeoutPhase.Total"/> when it was
    /// late. <see langword="null"/> where it gave one, or has still time.
    /// </summary>
    public abstract Exception? Failure { get; }

    /// <summary>Why the fallback gave none either, in the same way. <see langword="null"/> where it did, or where there is none.</summary>
    public abstract Exception? FallbackFailure { get; }

    internal abstract void Start(GatherRun run);

    /// <summary>The time of the call is over; the fallback has its turn.</summary>
    internal abstract void GiveUp(GatherRun run);

    /// <summary>What has no result by now gets none.</summary>
    internal abstract void Close(GatherRun run);
}
