using Resilience.Polly.Events;
using Resilience.Polly.Flow;
using Resilience.Polly.Pipelines;

namespace Resilience.Polly.Monitoring;

internal sealed class ResilienceMonitor(PipelineRegistry registry, EventHub hub) : IResilienceMonitor
{
    public PipelineSnapshot GetSnapshot(string pipelineName) => Of(registry.Get(pipelineName));

    public IReadOnlyList<PipelineSnapshot> GetSnapshots() =>
        [.. registry.Names.Order(StringComparer.OrdinalIgnoreCase).Select(GetSnapshot)];

    public IAsyncEnumerable<PipelineEvent> WatchAsync(string? pipelineName = null, CancellationToken cancellationToken = default) =>
        hub.Watch(pipelineName is null ? null : registry.Get(pipelineName).Name, cancellationToken);

    private static PipelineSnapshot Of(LivePipeline pipeline)
    {
        var options = pipeline.Settings.Options;
        var (calls, latency) = pipeline.Calls.ReadMinute();
        return new()
        {
            Name = pipeline.Name,
            At = pipeline.Clock.GetUtcNow(),
            CircuitBreaker = pipeline.Circuit.Read(options.CircuitBreaker),
            Bulkhead = pipeline.ReadBulkhead(),
            RateLimit = pipeline.ReadRateLimit(),
            Calls = calls,
            Lifetime = pipeline.Calls.ReadLifetime(),
            Latency = latency,
            RetryBudget = pipeline.ReadRetryBudget(),
            Overload = pipeline.Shedder.Overload,
            Alerts = pipeline.Alerts.Raised,
            Options = null!, // by the next line
            InForce = options,
            StrategiesAroundCall = pipeline.Strategies.AroundCall?.Names ?? [],
            StrategiesAroundAttempt = pipeline.Strategies.AroundAttempt?.Names ?? [],
        };
    }
}
