namespace Resilience.Polly.Configuration;

/// <summary>All settings of the application, from one reading of configuration and code.</summary>
internal sealed record ResolvedOptions(IReadOnlyDictionary<string, NamedOptions> Pipelines, IReadOnlyDictionary<string, NamedQueue> Queues)
{
    public static ResolvedOptions None { get; } = new(new Dictionary<string, NamedOptions>(), new Dictionary<string, NamedQueue>());
}

/// <summary>The composed options of a pipeline, with its name as it was first written.</summary>
internal sealed record NamedOptions(string Name, PipelineOptions Options);

/// <summary>The composed options of a queue, with its name as it was first written.</summary>
internal sealed record NamedQueue(string Name, QueueOptions Options);
