namespace Resilience.Polly;

/// <summary>The guide's named bulkheads (guide: "Per-Service Bulkheads" and scenario 3). Each read gives a new instance to change at will.</summary>
public static class BulkheadPresets
{
    /// <summary>A service that users wait for: 30 slots, and a quick rejection after 1 s.</summary>
    public static BulkheadOptions Critical => new() { MaxConcurrency = 30, AcquisitionTimeout = TimeSpan.FromSeconds(1) };

    /// <summary>The defaults: 20 slots, 5 s.</summary>
    public static BulkheadOptions Standard => new();

    /// <summary>A service that no user waits for, such as analytics: 5 slots, and a wait of 10 s.</summary>
    public static BulkheadOptions Analytics => new() { MaxConcurrency = 5, AcquisitionTimeout = TimeSpan.FromSeconds(10) };

    /// <summary>Background work with the lowest priority: 2 slots, and a wait of 30 s.</summary>
    public static BulkheadOptions Background => new() { MaxConcurrency = 2, AcquisitionTimeout = TimeSpan.FromSeconds(30) };
}
