using Polly.CircuitBreaker;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>One partition as pages get it: a row in the card of its pipeline. Counts are those of the last minute.</summary>
/// <param name="Key">The key of its calls.</param>
/// <param name="State">The state of its circuit.</param>
/// <param name="Calls">The calls that ended.</param>
/// <param name="Lost">Of these, the calls that failed or were rejected.</param>
/// <param name="P95">The 95th percentile of the latency in milliseconds.</param>
/// <param name="InUse">The slots in use.</param>
/// <param name="Limit">All slots.</param>
/// <param name="Waiting">The calls that wait for a slot.</param>
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
