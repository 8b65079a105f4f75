using Resilience.Polly.Bulkheads;
using Resilience.Polly.Bulkheads.Shared;
using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.CircuitBreakers.Shared;
using Resilience.Polly.Events;

namespace Resilience.Polly.Flow;

/// <summary>What one pipeline or partition shares with other instances, as its settings say. Its changes are for one thread at a time.</summary>
internal sealed class SharedLinks(PipelineSharing sharing, PipelineEvents events, CircuitBreaker circuit, Bulkhead bulkhead)
{
    private readonly string _name = NameOf(events);
    private SharedCircuitLink? _circuit;
    private SharedSlotsLink? _slots;

    /// <summary>The link to the circuit of all instances, if it is shared.</summary>
    public SharedCircuitLink? Circuit => Volatile.Read(ref _circuit);

    /// <summary>The link to the slots of all instances, if they are shared.</summary>
    public SharedSlotsLink? Slots => Volatile.Read(ref _slots);

    /// <summary>Begins or ends to share.</summary>
    public void Apply(CircuitBreakerOptions circuitOptions, BulkheadOptions bulkheadOptions)
    {
        if (!circuitOptions.Shared || circuitOptions.Mode == CircuitBreakerMode.Disabled)
        {
            LeaveCircuit();
        }
        else if (_circuit is null)
        {
            Volatile.Write(ref _circuit, sharing.Circuits.Join(_name, circuit, circuitOptions.RecoveryTimeout, events));
        }
        else
        {
            _circuit.ProbeLapsesAfter = circuitOptions.RecoveryTimeout;
        }

        if (!bulkheadOptions.Shared)
        {
            LeaveSlots(bulkheadOptions.MaxConcurrency);
        }
        else if (_slots is null)
        {
            Volatile.Write(ref _slots, sharing.Bulkheads.Join(_name, bulkhead, bulkheadOptions.MaxConcurrency, events));
        }
        else if (_slots.MaxConcurrency != bulkheadOptions.MaxConcurrency)
        {
            _slots.MaxConcurrency = bulkheadOptions.MaxConcurrency;
        }
    }

    /// <summary>Ends to share, since the partition is forgotten.</summary>
    public void Leave()
    {
        LeaveCircuit();
        LeaveSlots(0);
    }

    private void LeaveCircuit()
    {
        if (_circuit is not null)
        {
            sharing.Circuits.Leave(_circuit, circuit);
            Volatile.Write(ref _circuit, null);
        }
    }

    private void LeaveSlots(int limit)
    {
        if (_slots is not null)
        {
            sharing.Bulkheads.Leave(_slots);
            Volatile.Write(ref _slots, null);
            bulkhead.Room = -1;
            bulkhead.SetLimit(limit);
        }
    }

    // Names of pipelines ignore case, keys do not. Neither can contain the bar between them.
    private static string NameOf(PipelineEvents events)
    {
        var name = Uri.EscapeDataString(events.PipelineName.ToUpperInvariant());
        return events.Partition is { } key ? $"{name}|{Uri.EscapeDataString(key)}" : name;
    }
}
