using System.Globalization;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Advice on partitions.</summary>
internal static class PartitionRules
{
    // About 30 time series for each partition.
    private const int ManySeries = 100;

    public static readonly AdviceRule<AdvisedPipeline>[] All = [new("all-circuits-may-open", AllMayOpen), new("partition-series", Series)];

    private static AdviceFinding? AllMayOpen(AdvisedPipeline pipeline) =>
        pipeline.Options is not { PartitionBy: not PartitionBy.None, MaxOpenShare: >= 1 } ? null : new(
            AdviceSeverity.Hint, nameof(PipelineOptions.MaxOpenShare), "1",
            "All circuits may be open at once.",
            "A fault on this side, such as DNS or a proxy, opens them all, and the pipeline rejects every call.",
            "0.5");

    private static AdviceFinding? Series(AdvisedPipeline pipeline) =>
        pipeline.Options is not { PartitionBy: not PartitionBy.None, PartitionMetrics: true, MaxPartitions: > ManySeries and var most } ? null : new(
            AdviceSeverity.Hint, nameof(PipelineOptions.PartitionMetrics), "true",
            string.Create(CultureInfo.InvariantCulture, $"Up to {most} partitions make about 30 time series each."),
            "Metric backends slow down or cost more with many series.",
            $"false, or MaxPartitions of at most {ManySeries}");
}
