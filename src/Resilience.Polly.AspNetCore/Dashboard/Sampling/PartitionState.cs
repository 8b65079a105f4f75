using Polly.CircuitBreaker;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>One partition as pages get it: a row in the card of its pipeline. Calls are those of the last minute; lost ones failed or were rejected. P95 is in milliseconds.</summary>
internal sealed record PartitionState(string Key, CircuitState State, long Calls, long Lost, double P95, int InUse, int Limit, int Waiting)
{
    // A pipeline may have thousands, and every change sends them to each page.
    private const int Most = 100;

    /// <summary>All partitions, or the worst if there are many.</summary>
    public static IEnumerable<PartitionState> WorstOf(IReadOnlyList<PartitionSnapshot> partitions)
    {
        var states = partitions.Select(Of);
        return partitions.Count <= Most
            ? states
            : states.OrderBy(state => state.State == CircuitState.Closed).ThenByDescending(state => state.Lost).ThenByDescending(state => state.Calls).Take(Most);
    }

    private static PartitionState Of(PartitionSnapshot partition) => new(
        partition.Key, partition.CircuitBreaker.State, partition.Calls.Total, CallRates.LostOf(partition.Calls), Math.Round(partition.Latency.P95.TotalMilliseconds, 2),
        partition.Bulkhead.InUse, partition.Bulkhead.Limit, partition.Bulkhead.Waiting);
}
