namespace Resilience.Polly.Configuration;

/// <summary>All settings of the application, from one reading of configuration and code.</summary>
internal sealed record ResolvedOptions(IReadOnlyDictionary<string, NamedOptions> Pipelines, PipelineTemplates Templates, IReadOnlyDictionary<string, NamedQueue> Queues)
{
    public static ResolvedOptions None { get; } = new(new Dictionary<string, NamedOptions>(), new([]), new Dictionary<string, NamedQueue>());

    /// <summary>Pipelines and templates.</summary>
    public IEnumerable<NamedOptions> All => Pipelines.Values.Concat(Templates.All);

    /// <summary>The settings of exactly this name, which may be a template.</summary>
    public NamedOptions? OwnOf(string name) => Pipelines.GetValueOrDefault(name) ?? Templates.All.FirstOrDefault(template => template.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The settings of a name: its own, or those of its template.</summary>
    public NamedOptions? Find(string name) => Pipelines.TryGetValue(name, out var own) ? own : Templates.Find(name);
}

/// <summary>The composed options of a pipeline, with its name as it was first written, and the name of the template if they come from one.</summary>
internal sealed record NamedOptions(string Name, PipelineOptions Options, string? Template = null);

/// <summary>The composed options of a queue, with its name as it was first written.</summary>
internal sealed record NamedQueue(string Name, QueueOptions Options);
