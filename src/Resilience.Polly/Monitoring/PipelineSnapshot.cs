using Polly.CircuitBreaker;

namespace Resilience.Polly;

/// <summary>What one pipeline is doing at one moment. A copy: nothing changes it, and changing it changes nothing.</summary>
public sealed record PipelineSnapshot
{
    /// <summary>The name of the pipeline.</summary>
    public required string Name { get; init; }

    /// <summary>The circuit.</summary>
    public required CircuitBreakerSnapshot CircuitBreaker { get; init; }

    /// <summary>The slots.</summary>
    public required BulkheadSnapshot Bulkhead { get; init; }

    /// <summary>The calls so far.</summary>
    public required CallCounts Calls { get; init; }

    /// <summary>The settings in force.</summary>
    public required PipelineOptions Options { get; init; }

    /// <summary>The pipeline in one line, outermost strategy first: <c>payments: bulkhead 30 (1 s) > circuit 5/30 s > retry 3 (1-10 s, jitter) > timeout 15 s</c>.</summary>
    public override string ToString() => PipelineSummary.Of(Name, Options);
}

/// <summary>The state of a circuit (guide: "Monitoring Circuit Breaker State").</summary>
public sealed record CircuitBreakerSnapshot
{
    /// <summary>The state. An open circuit whose recovery timeout is over reads as half-open, also without a call.</summary>
    public CircuitState State { get; init; }

    /// <summary>Failures in a row.</summary>
    public int FailureCount { get; init; }

    /// <summary>Failures in a row that open the circuit.</summary>
    public int FailureThreshold { get; init; }

    /// <summary>After which time a call may probe; <see langword="null"/> while the circuit is closed or isolated.</summary>
    public TimeSpan? TimeToProbe { get; init; }

    /// <summary>The last change of state and its reason, or <see langword="null"/> when there was none.</summary>
    public CircuitTransition? LastTransition { get; init; }
}

/// <summary>The slots of a bulkhead (guide: "Bulkhead Monitoring").</summary>
public sealed record BulkheadSnapshot
{
    /// <summary>Calls that may be inside at once.</summary>
    public int Limit { get; init; }

    /// <summary>Calls inside.</summary>
    public int InUse { get; init; }

    /// <summary>Calls in line for a slot.</summary>
    public int Waiting { get; init; }

    /// <summary>The most calls that were inside at once, since the pipeline was first used.</summary>
    public int Peak { get; init; }

    /// <summary>Calls inside as a share of the limit, 0 to 1; above 1 for a moment after the limit was lowered.</summary>
    public double Utilization => (double)InUse / Limit;
}
