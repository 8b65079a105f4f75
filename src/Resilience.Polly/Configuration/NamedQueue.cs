namespace Resilience.Polly.Configuration;

/// <summary>The composed options of a queue, with its name as it was first written.</summary>
internal sealed record NamedQueue(string Name, QueueOptions Options);
