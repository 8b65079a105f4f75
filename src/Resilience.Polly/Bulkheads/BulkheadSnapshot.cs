namespace Resilience.Polly;

/// <summary>The slots of a bulkhead (guide: "Bulkhead Monitoring").</summary>
public sealed class BulkheadSnapshot
{
    /// <summary>Calls that may be inside at once. If the slots are shared: in this instance, while others hold what they hold.</summary>
    public int Limit { get; init; }

    /// <summary>Calls inside.</summary>
    public int InUse { get; init; }

    /// <summary>Calls in line for a slot.</summary>
    public int Waiting { get; init; }

    /// <summary>
    /// Calls that gave their slot back after a failed attempt and have no new one yet: they wait for their next attempt, or are in line. None unless
    /// <see cref="BulkheadOptions.HoldWhileWaiting"/> is off.
    /// </summary>
    public int WaitingToRetry { get; init; }

    /// <summary>The most calls that were inside at once, since the pipeline was first used.</summary>
    public int Peak { get; init; }

    /// <summary>The last change of an adaptive limit, with its reason; <see langword="null"/> if there was none.</summary>
    public LimitChangedEvent? LastLimitChange { get; init; }

    /// <summary>The slots of all instances; <see langword="null"/> if they are not shared.</summary>
    public SharedBulkheadSnapshot? Shared { get; init; }

    /// <summary>Calls inside as a share of the limit, 0 to 1; briefly above 1 after the limit was lowered.</summary>
    public double Utilization => (double)InUse / Math.Max(1, Limit);
}
