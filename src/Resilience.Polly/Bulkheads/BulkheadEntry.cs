namespace Resilience.Polly.Bulkheads;

/// <summary>How the wait for a slot ended.</summary>
internal enum BulkheadEntry
{
    /// <summary>A slot is held and must be given back.</summary>
    Entered,

    TimedOut,
    QueueFull,
    Cancelled,

    /// <summary>The partition of the slots was forgotten. Its key has another one, or gets it.</summary>
    Retired,
}
