using Resilience.Polly.Bulkheads.Shared;
using Resilience.Polly.CircuitBreakers.Shared;
using Resilience.Polly.SharedState;

namespace Resilience.Polly.Flow;

/// <summary>What the pipelines of this instance share with other instances. There is none in an application without a store for it.</summary>
/// <param name="circuits">The circuits.</param>
/// <param name="bulkheads">The slots.</param>
/// <param name="instances">The running instances.</param>
/// <param name="options">How they share.</param>
internal sealed class PipelineSharing(SharedCircuits circuits, SharedBulkheads bulkheads, RunningInstances instances, SharedStateOptions options)
{
    /// <summary>The instances that divide the reserves of the retry budgets, if they do.</summary>
    public RunningInstances? ReserveDividers { get; } = options.DivideRetryReserve ? instances : null;

    /// <summary>The running instances.</summary>
    public RunningInstances Instances => instances;

    /// <summary>Begins or ends to share, as the settings say. For one thread at a time.</summary>
    public void Share(PipelinePartition partition, PipelineOptions options, ref SharedCircuitLink? circuit, ref SharedSlotsLink? slots)
    {
        // Calls that found no partition of their own are other ones in each instance.
        var isOwn = partition.Key != PipelinePartitions.OverflowKey;
        if (isOwn && options.CircuitBreaker.Shared && options.CircuitBreaker.Mode != CircuitBreakerMode.Disabled)
        {
            partition.ProbeLapsesAfter = options.CircuitBreaker.RecoveryTimeout;
            if (circuit is null)
            {
                Volatile.Write(ref circuit, circuits.Join(NameOf(partition), partition.Circuit, () => partition.ProbeLapsesAfter, partition.Events));
            }
        }
        else if (circuit is not null)
        {
            circuits.Leave(circuit, partition.Circuit);
            Volatile.Write(ref circuit, null);
        }

        if (isOwn && options.Bulkhead.Shared)
        {
            if (slots is null)
            {
                Volatile.Write(ref slots, bulkheads.Join(NameOf(partition), partition.Bulkhead, options.Bulkhead.MaxConcurrency, partition.Events));
            }
            else if (slots.MaxConcurrency != options.Bulkhead.MaxConcurrency)
            {
                slots.MaxConcurrency = options.Bulkhead.MaxConcurrency;
            }
        }
        else if (slots is not null)
        {
            bulkheads.Leave(slots);
            Volatile.Write(ref slots, null);
            partition.Bulkhead.Room = -1;
            partition.Bulkhead.SetLimit(options.Bulkhead.MaxConcurrency);
        }
    }

    /// <summary>Ends to share.</summary>
    public void Leave(PipelinePartition partition, ref SharedCircuitLink? circuit, ref SharedSlotsLink? slots)
    {
        if (circuit is not null)
        {
            circuits.Leave(circuit, partition.Circuit);
            Volatile.Write(ref circuit, null);
        }

        if (slots is not null)
        {
            bulkheads.Leave(slots);
            Volatile.Write(ref slots, null);
        }
    }

    // Names of pipelines ignore case, keys do not. Neither can contain the bar between them.
    private static string NameOf(PipelinePartition partition)
    {
        var name = Uri.EscapeDataString(partition.Events.PipelineName.ToUpperInvariant());
        return partition.Key is { } key ? $"{name}|{Uri.EscapeDataString(key)}" : name;
    }
}
