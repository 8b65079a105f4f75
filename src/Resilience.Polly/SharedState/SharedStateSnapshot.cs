namespace Resilience.Polly;

/// <summary>The store that instances share, and who they are, as one of them sees it.</summary>
public sealed class SharedStateSnapshot
{
    /// <summary>The store: its kind and address.</summary>
    public required string Store { get; init; }

    /// <summary>Whether the store answers. If not, this instance decides alone.</summary>
    public required bool IsAvailable { get; init; }

    /// <summary>The name of this instance.</summary>
    public required string Instance { get; init; }

    /// <summary>The names of the running instances, in order; those last known while the store does not answer.</summary>
    public required IReadOnlyList<string> Instances { get; init; }
}
