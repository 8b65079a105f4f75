using Polly.CircuitBreaker;

namespace Resilience.Polly;

/// <summary>The circuit that instances share, as this one knows it.</summary>
public sealed class SharedCircuitSnapshot
{
    /// <summary>Closed, open or isolated, for all instances. Each may have opened its own circuit besides.</summary>
    public required CircuitState State { get; init; }

    /// <summary>Grows with every change; 0 for a circuit that never changed.</summary>
    public required long Epoch { get; init; }

    /// <summary>The instance that made the last change, such as the one whose vote opened the circuit; <see langword="null"/> if there was none.</summary>
    public string? ChangedBy { get; init; }

    /// <summary>Why it made it.</summary>
    public string? Reason { get; init; }

    /// <summary>The instances whose own circuit was open while the shared one was closed, when the store last answered.</summary>
    public IReadOnlyList<string> Votes { get; init; } = [];

    /// <summary>Whether this instance decides alone, because the store does not answer.</summary>
    public bool IsAlone { get; init; }
}
