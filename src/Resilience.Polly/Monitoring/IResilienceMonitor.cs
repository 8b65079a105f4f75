namespace Resilience.Polly;

/// <summary>Shows what the pipelines are doing (guide: "Monitor pattern behavior").</summary>
public interface IResilienceMonitor
{
    /// <summary>What one pipeline is doing now.</summary>
    /// <param name="pipelineName">The name of the pipeline.</param>
    /// <exception cref="KeyNotFoundException">There is no such pipeline.</exception>
    PipelineSnapshot GetSnapshot(string pipelineName);

    /// <summary>What all pipelines are doing now, including unused ones, ordered by name.</summary>
    IReadOnlyList<PipelineSnapshot> GetSnapshots();

    /// <summary>The store of shared state and the running instances.</summary>
    /// <returns>What this instance knows; <see langword="null"/> in an application without such a store.</returns>
    SharedStateSnapshot? GetSharedState();

    /// <summary>The events from now on, of all pipelines or of one, in the order in which they were reported.</summary>
    /// <param name="pipelineName">The name of the pipeline, or <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Ends the watch. It ends by itself when the application's services are disposed of.</param>
    /// <returns>
    /// A stream that listens as soon as this method is called. Up to 1,024 events wait for a reader. Further ones are dropped,
    /// and an <see cref="EventsLostEvent"/> says how many.
    /// </returns>
    /// <exception cref="KeyNotFoundException">There is no such pipeline.</exception>
    IAsyncEnumerable<PipelineEvent> WatchAsync(string? pipelineName = null, CancellationToken cancellationToken = default);
}
