using Resilience.Polly.Statistics;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Flow;

/// <summary>
/// A pipeline at one moment, with all its partitions. Calls are summed. All other values are those of the worst partition, so that it is not overlooked.
/// </summary>
internal static class PipelineReading
{
    /// <summary>The state of all calls and each partition, including the overflow partition.</summary>
    public static IEnumerable<PipelinePartition> All(this LivePipeline pipeline) =>
        pipeline.Partitions is { } partitions ? partitions.All.Prepend(pipeline.Shared) : [pipeline.Shared];

    public static (CallCounts Calls, LatencySnapshot Latency) ReadMinute(this LivePipeline pipeline)
    {
        if (pipeline.Partitions is null)
        {
            return pipeline.Shared.Calls.ReadMinute();
        }

        Span<long> row = stackalloc long[CallStatistics.MinuteSize];
        row.Clear();
        foreach (var partition in pipeline.All())
        {
            partition.Calls.AddMinute(row);
        }

        return CallStatistics.MinuteOf(row);
    }

    public static CallCounts ReadLifetime(this LivePipeline pipeline)
    {
        if (pipeline.Partitions is null)
        {
            return pipeline.Shared.Calls.ReadLifetime();
        }

        Span<long> row = stackalloc long[CallCounters.Size];
        pipeline.ReadLifetime(row);
        return new(row);
    }

    /// <summary>The same as a row of numbers, in the order of <see cref="CallCounters"/>.</summary>
    public static void ReadLifetime(this LivePipeline pipeline, Span<long> row)
    {
        row.Clear();
        pipeline.Shared.Calls.AddLifetime(row);
        pipeline.Partitions?.AddLifetime(row);
    }

    public static CircuitBreakerSnapshot ReadCircuit(this LivePipeline pipeline) => pipeline.WorstCircuit().ReadCircuit(pipeline.Settings.Options);

    public static BulkheadSnapshot ReadBulkhead(this LivePipeline pipeline) => pipeline.FullestBulkhead().ReadBulkhead();

    public static RateLimitSnapshot? ReadRateLimit(this LivePipeline pipeline) => pipeline.Worst(static (partition, options) =>
        partition.ReadRateLimit(options) is { } rate ? rate.Waiting - (double)(rate.Available ?? 0) + (rate.CoolDownUntil is null ? 0 : 1e9) : 0)
        .ReadRateLimit(pipeline.Settings.Options);

    public static RetryBudgetSnapshot? ReadRetryBudget(this LivePipeline pipeline) =>
        pipeline.Worst(static (partition, options) => -(partition.ReadRetryBudget(options)?.Available ?? 0)).ReadRetryBudget(pipeline.Settings.Options);

    public static IReadOnlyList<Alert> ReadAlerts(this LivePipeline pipeline) =>
        pipeline.Partitions is null ? pipeline.Shared.Alerts.Raised : [.. pipeline.All().SelectMany(partition => partition.Alerts.Raised)];

    public static PipelinePartition WorstCircuit(this LivePipeline pipeline) => pipeline.Worst(static (partition, options) =>
        partition.Circuit.IsClosed ? -1 / (1.0 + partition.Circuit.Failures) : TelemetryNames.Level(partition.ReadCircuit(options).State));

    public static PipelinePartition FullestBulkhead(this LivePipeline pipeline) => pipeline.Worst(static (partition, _) =>
        (partition.Bulkhead.InUse / (double)Math.Max(1, partition.Bulkhead.Limit)) + partition.Bulkhead.Waiting);

    // Two methods, since a closure is created where its method begins.
    private static PipelinePartition Worst(this LivePipeline pipeline, Func<PipelinePartition, PipelineOptions, double> badness) =>
        pipeline.Partitions is null ? pipeline.Shared : WorstOf(pipeline.All(), pipeline.Settings.Options, badness);

    private static PipelinePartition WorstOf(IEnumerable<PipelinePartition> all, PipelineOptions options, Func<PipelinePartition, PipelineOptions, double> badness) =>
        all.MaxBy(partition => badness(partition, options))!;
}
