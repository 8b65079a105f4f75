using System.ComponentModel;

namespace Resilience.Polly;

/// <summary>
/// A client that sends its calls through a pipeline. The code that adds the client registers this as a singleton. The pipeline must exist when the host starts,
/// and advice on the pipeline names its clients.
/// </summary>
/// <param name="pipelineName">The name of the pipeline.</param>
/// <param name="client">The name of the client for people, such as that of its HttpClient.</param>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PipelineUse(string pipelineName, string client)
{
    /// <summary>The name of the pipeline.</summary>
    public string PipelineName => pipelineName;

    /// <summary>The name of the client for people.</summary>
    public string Client => client;
}
