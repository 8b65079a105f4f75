namespace Resilience.Polly;

/// <summary>Tells what the pipelines are doing (guide: "Monitor pattern behavior").</summary>
public interface IResilienceMonitor
{
    /// <summary>What one pipeline is doing now.</summary>
    /// <param name="pipelineName">The name of the pipeline.</param>
    /// <exception cref="KeyNotFoundException">There is no such pipeline.</exception>
    PipelineSnapshot GetSnapshot(string pipelineName);

    /// <summary>What all pipelines are doing now, in the order of their names, the unused ones included.</summary>
    IReadOnlyList<PipelineSnapshot> GetSnapshots();
}
