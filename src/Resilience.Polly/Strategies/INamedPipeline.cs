namespace Resilience.Polly.Strategies;

/// <summary>The strategy that holds a named pipeline: inside another one it goes by the name of the pipeline.</summary>
internal interface INamedPipeline
{
    string PipelineName { get; }
}
