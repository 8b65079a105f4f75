using System.Globalization;
using Polly.CircuitBreaker;
using Resilience.Polly.Bulkheads;
using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.Events;
using Resilience.Polly.Primitives;
using Resilience.Polly.Statistics;

namespace Resilience.Polly.Alerts;

/// <summary>Owns the alerts of one pipeline.</summary>
internal sealed class PipelineAlerts(PipelineEvents events, TimeProvider clock)
{
    private static readonly AlertKind[] Kinds = Enum.GetValues<AlertKind>();

    private AlertSignal[]? _signals; // created with the first value above its threshold
    private Alert[] _raised = [];

    public IReadOnlyList<Alert> Raised => Volatile.Read(ref _raised);

    /// <summary>Checks the values, and raises and clears alerts. For one thread at a time.</summary>
    /// <remarks>It runs each second for each pipeline, and most are idle: for these it allocates nothing.</remarks>
    public void Evaluate(AlertOptions options, CircuitBreakerOptions circuitOptions, CallStatistics calls, Bulkhead bulkhead, CircuitBreaker circuit)
    {
        var slots = bulkhead.InUse == 0 ? null : bulkhead.Read();
        var state = circuit.IsClosed ? null : circuit.Read(circuitOptions);
        foreach (var kind in Kinds)
        {
            var reading = kind switch
            {
                AlertKind.RetryRate => new AlertReading(calls.ReadRetryRate(options.MinimumCalls), options.RetryRate, options.Hold),
                AlertKind.Utilization => new(slots?.Utilization ?? 0, options.Utilization, options.Hold),
                _ => new(options.CircuitOpen && state is { State: not CircuitState.Closed } ? 1 : 0, 0, TimeSpan.Zero),
            };
            if (_signals is null && reading.Value <= reading.Threshold)
            {
                continue;
            }

            ref var signal = ref (_signals ??= new AlertSignal[Kinds.Length])[(int)kind];
            var next = signal.Read(reading, clock.GetTimestamp(), clock.Ticks(reading.Hold));
            var hasChanged = next.IsRaised != signal.IsRaised;
            signal = next;
            if (hasChanged && next.IsRaised)
            {
                Raise(kind, reading, slots, state);
            }
            else if (hasChanged)
            {
                Clear(kind);
            }
            else if (next.IsRaised)
            {
                Follow(kind, reading.Value);
            }
        }
    }

    private void Raise(AlertKind kind, AlertReading reading, BulkheadSnapshot? slots, CircuitBreakerSnapshot? state)
    {
        var alert = new Alert
        {
            PipelineName = events.PipelineName, Partition = events.Partition, Kind = kind, RaisedAt = clock.GetUtcNow(), Value = reading.Value, Peak = reading.Value, Threshold = reading.Threshold,
            Message = $"{events.Subject}: " + kind switch
            {
                AlertKind.RetryRate => $"{Percent(reading.Value)} of the calls of the last minute needed a retry, more than {Percent(reading.Threshold)}",
                AlertKind.Utilization => $"{Percent(reading.Value)} of {slots!.Limit} slots are in use, more than {Percent(reading.Threshold)}",
                _ => $"the circuit is {state!.State}: {state.LastTransition?.Reason}",
            },
            ClearedMessage = kind == AlertKind.CircuitOpen
                ? $"{events.Subject}: the circuit was {state!.State}: {state.LastTransition?.Reason}"
                : PastTense(kind, reading.Value, reading.Threshold),
        };
        Volatile.Write(ref _raised, [.. _raised, alert]);
        events.AlertRaised(alert);
    }

    private void Follow(AlertKind kind, double value)
    {
        foreach (var alert in _raised)
        {
            if (alert.Kind == kind && value > alert.Peak)
            {
                alert.Rise(value, PastTense(kind, value, alert.Threshold));
            }
        }
    }

    private string PastTense(AlertKind kind, double peak, double threshold) => $"{events.Subject}: " + (kind == AlertKind.RetryRate
        ? $"up to {Percent(peak)} of the calls of a minute needed a retry, more than {Percent(threshold)}"
        : $"up to {Percent(peak)} of the slots were in use, more than {Percent(threshold)}");

    private void Clear(AlertKind kind)
    {
        var alert = _raised.Single(raised => raised.Kind == kind);
        Volatile.Write(ref _raised, [.. _raised.Where(raised => raised != alert)]);
        events.AlertCleared(alert);
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");
}

/// <summary>The value that an alert judges now. It must stay on the other side of the threshold for <paramref name="Hold"/> before the alert changes.</summary>
internal readonly record struct AlertReading(double Value, double Threshold, TimeSpan Hold);

/// <summary>Whether one alert is raised, and since when its value has been on the other side. It is a value; the next one is a pure function of the next reading.</summary>
/// <param name="IsRaised">Whether it is raised.</param>
/// <param name="OtherSideSince">The timestamp of the first reading that asks for a change, if all later ones do too.</param>
internal readonly record struct AlertSignal(bool IsRaised, long? OtherSideSince)
{
    // A value at the threshold must not raise and clear an alert again and again.
    private const double ClearBelow = 0.8;

    public AlertSignal Read(AlertReading reading, long now, long hold)
    {
        var isOnOtherSide = IsRaised ? reading.Value <= ClearBelow * reading.Threshold : reading.Value > reading.Threshold;
        if (!isOnOtherSide)
        {
            return new(IsRaised, null);
        }

        var since = OtherSideSince ?? now;
        return now - since >= hold ? new(!IsRaised, null) : new(IsRaised, since);
    }
}
