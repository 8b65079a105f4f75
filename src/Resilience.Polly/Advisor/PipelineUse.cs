namespace Resilience.Polly;

/// <summary>
/// A client that sends its calls through a pipeline. Registered as a singleton by whatever adds the client. The pipeline must exist when the host starts,
/// and advice on the pipeline names its clients.
/// </summary>
/// <param name="PipelineName">The name of the pipeline.</param>
/// <param name="Client">How people know the client, such as the name of its HttpClient.</param>
public sealed record PipelineUse(string PipelineName, string Client);
