namespace Resilience.Polly;

/// <summary>A client that sends its calls through a pipeline, for the advice that needs to know who does. Registered as a singleton by whatever adds the client.</summary>
/// <param name="PipelineName">The name of the pipeline.</param>
/// <param name="Client">How people know the client, such as the name of its HttpClient.</param>
public sealed record PipelineUse(string PipelineName, string Client);
