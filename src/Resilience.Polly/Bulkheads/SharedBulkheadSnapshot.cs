namespace Resilience.Polly;

/// <summary>The slots that instances share, as this one knows them.</summary>
public sealed class SharedBulkheadSnapshot
{
    /// <summary>How many slots all instances have together.</summary>
    public required int MaxConcurrency { get; init; }

    /// <summary>How many slots each instance held when the store last answered, without those that held none.</summary>
    public required IReadOnlyDictionary<string, int> ByInstance { get; init; }

    /// <summary>Whether this instance uses its part of the slots alone, because the store does not answer.</summary>
    public bool IsAlone { get; init; }
}
