namespace Resilience.Polly;

/// <summary>Who suffers when calls of a pipeline fail (guide: "Per-Service Bulkheads").</summary>
public enum PipelineImportance
{
    /// <summary>Nobody waits for the calls: they may take minutes and be repeated often.</summary>
    Background,

    /// <summary>A user waits, and what fails can be left out or replaced by a fallback.</summary>
    Standard,

    /// <summary>A user waits, and without these calls the application does not do its job: while their circuit is open it is unhealthy.</summary>
    Critical,
}
