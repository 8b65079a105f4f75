using Resilience.Polly.Events;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Alerts;

/// <summary>Owns the alerts of one pipeline.</summary>
internal sealed class PipelineAlerts(PipelineEvents events, TimeProvider clock)
{
    private static readonly AlertKind[] Kinds = Enum.GetValues<AlertKind>();

    private AlertSignal[]? _signals;
    private Alert[] _raised = [];

    /// <summary>Those that are raised now.</summary>
    public IReadOnlyList<Alert> Raised => Volatile.Read(ref _raised);

    /// <summary>Looks at the values, and raises and clears what follows from them. For one thread at a time.</summary>
    public void Evaluate(AlertOptions options, CallCounts lastMinute, BulkheadSnapshot bulkhead, CircuitBreakerSnapshot circuit)
    {
        _signals ??= new AlertSignal[Kinds.Length];
        var now = clock.GetTimestamp();
        foreach (var kind in Kinds)
        {
            ref var signal = ref _signals[(int)kind];
            var reading = AlertReading.Of(kind, options, lastMinute, bulkhead, circuit);
            var next = signal.Read(reading.Value, reading.Threshold, now, clock.Ticks(reading.Hold));
            var hasChanged = next.IsRaised != signal.IsRaised;
            signal = next;
            if (hasChanged && next.IsRaised)
            {
                Raise(kind, reading, bulkhead.Limit, circuit);
            }
            else if (hasChanged)
            {
                Clear(kind);
            }
        }
    }

    private void Raise(AlertKind kind, AlertReading reading, int slots, CircuitBreakerSnapshot circuit)
    {
        var pipeline = events.PipelineName;
        var alert = new Alert(
            pipeline, kind, clock.GetUtcNow(), reading.Value, reading.Threshold, reading.Describe(kind, pipeline, slots, circuit))
        {
            ClearedMessage = reading.Describe(kind, pipeline, slots, circuit, isOver: true),
        };
        Volatile.Write(ref _raised, [.. _raised, alert]);
        events.AlertRaised(alert);
    }

    private void Clear(AlertKind kind)
    {
        var alert = _raised.Single(raised => raised.Kind == kind);
        Volatile.Write(ref _raised, [.. _raised.Where(raised => raised != alert)]);
        events.AlertCleared(alert);
    }
}
