namespace Resilience.Polly;

/// <summary>Owns the alerts of one pipeline.</summary>
internal sealed class PipelineAlerts(LivePipeline pipeline)
{
    private static readonly AlertKind[] Kinds = Enum.GetValues<AlertKind>();

    private AlertSignal[]? _signals;
    private Alert[] _raised = [];

    /// <summary>Those that are raised now.</summary>
    public IReadOnlyList<Alert> Raised => Volatile.Read(ref _raised);

    /// <summary>Reads the values, and raises and clears what follows from them. For one thread at a time.</summary>
    public void Evaluate()
    {
        _signals ??= new AlertSignal[Kinds.Length];
        var clock = pipeline.Clock;
        var now = clock.GetTimestamp();
        foreach (var kind in Kinds)
        {
            ref var signal = ref _signals[(int)kind];
            var reading = AlertReading.Of(kind, pipeline);
            var next = signal.Read(reading.Value, reading.Threshold, now, clock.Ticks(reading.Hold));
            var hasChanged = next.IsRaised != signal.IsRaised;
            signal = next;
            if (hasChanged && next.IsRaised)
            {
                Raise(kind, reading);
            }
            else if (hasChanged)
            {
                Clear(kind);
            }
        }
    }

    private void Raise(AlertKind kind, AlertReading reading)
    {
        var alert = new Alert(
            pipeline.Name, kind, pipeline.Clock.GetUtcNow(), reading.Value, reading.Threshold, reading.Describe(kind, pipeline))
        {
            ClearedMessage = reading.Describe(kind, pipeline, isOver: true),
        };
        Volatile.Write(ref _raised, [.. _raised, alert]);
        pipeline.Events.AlertRaised(alert);
    }

    private void Clear(AlertKind kind)
    {
        var alert = _raised.Single(raised => raised.Kind == kind);
        Volatile.Write(ref _raised, [.. _raised.Where(raised => raised != alert)]);
        pipeline.Events.AlertCleared(alert);
    }
}
