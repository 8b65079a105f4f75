namespace Resilience.Polly.Configuration;

/// <summary>The composed options of a pipeline, with its name as it was first written.</summary>
internal sealed record NamedOptions(string Name, PipelineOptions Options);
