namespace Resilience.Polly;

/// <summary>What an alert is about (guide: "Monitor pattern behavior").</summary>
public enum AlertKind
{
    /// <summary>More calls than usual need a retry.</summary>
    RetryRate,

    /// <summary>The slots of the bulkhead are nearly all in use.</summary>
    Utilization,

    /// <summary>The circuit is not closed.</summary>
    CircuitOpen,
}
