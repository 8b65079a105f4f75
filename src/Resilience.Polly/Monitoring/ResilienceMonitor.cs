using Resilience.Polly.Events;
using Resilience.Polly.Flow;
using Resilience.Polly.Pipelines;

namespace Resilience.Polly.Monitoring;

internal sealed class ResilienceMonitor(PipelineRegistry registry, SharedStateHost shared, EventHub hub) : IResilienceMonitor
{
    public PipelineSnapshot GetSnapshot(string pipelineName) => Of(registry.Get(pipelineName));

    public IReadOnlyList<PipelineSnapshot> GetSnapshots() =>
        [.. registry.Names.Order(StringComparer.OrdinalIgnoreCase).Select(GetSnapshot)];

    public SharedStateSnapshot? GetSharedState() => shared.Read();

    public IAsyncEnumerable<PipelineEvent> WatchAsync(string? pipelineName = null, CancellationToken cancellationToken = default) =>
        hub.Watch(pipelineName is null ? null : registry.Get(pipelineName).Name, cancellationToken);

    private static PipelineSnapshot Of(LivePipeline pipeline)
    {
        var options = pipeline.Settings.Options;
        var (calls, latency) = pipeline.ReadMinute();
        return new()
        {
            Name = pipeline.Name,
            At = pipeline.Clock.GetUtcNow(),
            CircuitBreaker = pipeline.ReadCircuit(),
            Bulkhead = pipeline.ReadBulkhead(),
            RateLimit = pipeline.ReadRateLimit(),
            Calls = calls,
            Lifetime = pipeline.ReadLifetime(),
            Latency = latency,
            RetryBudget = pipeline.ReadRetryBudget(),
            Partitions = PartitionsOf(pipeline, options),
            OpenCircuits = pipeline.Partitions?.Open ?? 0,
            Overload = pipeline.Shedder.Overload,
            Alerts = pipeline.ReadAlerts(),
            Options = null!, // by the next line
            InForce = options,
            StrategiesAroundCall = pipeline.Strategies.AroundCall?.Names ?? [],
            StrategiesAroundAttempt = pipeline.Strategies.AroundAttempt?.Names ?? [],
        };
    }

    private static IReadOnlyList<PartitionSnapshot> PartitionsOf(LivePipeline pipeline, PipelineOptions options) => pipeline.Partitions is not { } partitions
        ? []
        : [.. partitions.All.Select(partition => Of(partition, options)).OrderBy(partition => partition.Key, StringComparer.Ordinal)];

    private static PartitionSnapshot Of(PipelinePartition partition, PipelineOptions options)
    {
        var (calls, latency) = partition.Calls.ReadMinute();
        return new()
        {
            Key = partition.Key!,
            CircuitBreaker = partition.ReadCircuit(options),
            Bulkhead = partition.ReadBulkhead(),
            RateLimit = partition.ReadRateLimit(options),
            RetryBudget = partition.ReadRetryBudget(options),
            Calls = calls,
            Latency = latency,
            Alerts = partition.Alerts.Raised,
        };
    }
}
