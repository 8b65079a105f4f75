namespace Resilience.Polly;

internal sealed class ResilienceMonitor(PipelineRegistry registry) : IResilienceMonitor
{
    public PipelineSnapshot GetSnapshot(string pipelineName) => Of(registry.Get(pipelineName));

    public IReadOnlyList<PipelineSnapshot> GetSnapshots() =>
        [.. registry.Names.Order(StringComparer.OrdinalIgnoreCase).Select(GetSnapshot)];

    private static PipelineSnapshot Of(LivePipeline pipeline)
    {
        var options = pipeline.Settings.Options;
        return new()
        {
            Name = pipeline.Name,
            CircuitBreaker = pipeline.Circuit.Read(options.CircuitBreaker),
            Bulkhead = pipeline.Bulkhead.Read(),
            Calls = pipeline.Calls.Read(),
            Options = options.Clone(),
        };
    }
}
