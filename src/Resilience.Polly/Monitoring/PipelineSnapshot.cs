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
