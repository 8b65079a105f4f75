namespace Resilience.Polly.Http;

/// <summary>What is known of an HttpClient by its name, besides what .NET knows.</summary>
internal sealed class ResilienceClientOptions
{
    /// <summary>The pipeline that it goes through, or <see langword="null"/> where it goes through none.</summary>
    public string? PipelineName { get; private set; }

    public void Use(string clientName, string pipelineName) =>
        PipelineName = PipelineName is null ? pipelineName : throw new InvalidOperationException(
            $"HttpClient '{clientName}' was given a pipeline twice: '{PipelineName}' and '{pipelineName}'. Call AddResilience or AddResilientClient once per client.");
}
