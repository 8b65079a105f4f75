namespace Resilience.Polly;

/// <summary>How much an advice matters.</summary>
public enum AdviceSeverity
{
    /// <summary>Worth a look: there are good reasons to leave it as it is.</summary>
    Hint,

    /// <summary>The settings work against each other, or against those who wait.</summary>
    Warning,

    /// <summary>One of the guide's anti-patterns, which will hurt in production (guide: "Common Anti-Patterns to Avoid").</summary>
    Error,
}
