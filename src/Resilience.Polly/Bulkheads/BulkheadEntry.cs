namespace Resilience.Polly;

/// <summary>How the wait for a slot ended.</summary>
internal enum BulkheadEntry
{
    /// <summary>A slot is held and must be given back.</summary>
    Entered,

    /// <summary>No slot became free in time.</summary>
    TimedOut,

    /// <summary>As many calls wait already as may.</summary>
    QueueFull,

    /// <summary>The caller gave up.</summary>
    Cancelled,
}

internal static class BulkheadEntryText
{
    /// <summary>Why there was no slot.</summary>
    public static string Describe(this BulkheadEntry entry, BulkheadOptions options, int slots) => entry == BulkheadEntry.QueueFull
        ? $"{options.MaxQueue} calls wait for one of {slots} slots already"
        : $"none of {slots} slots became free within {Text.Of(options.AcquisitionTimeout)}";
}
