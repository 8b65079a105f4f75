namespace Resilience.Polly;

/// <summary>Something about a pipeline that a person should look at. It is raised once and cleared once, however long it lasts.</summary>
public sealed class Alert
{
    private double _peak;
    private string _clearedMessage = "";

    /// <summary>The name of the pipeline.</summary>
    public required string PipelineName { get; init; }

    /// <summary>The partition, where the pipeline has some; otherwise <see langword="null"/>.</summary>
    public string? Partition { get; init; }

    /// <summary>What the alert is about.</summary>
    public required AlertKind Kind { get; init; }

    /// <summary>When the alert was raised, by the wall clock.</summary>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>The value that raised the alert: a share of 0 to 1; 1 for a circuit.</summary>
    public required double Value { get; init; }

    /// <summary>The highest value since the alert was raised; at first <see cref="Value"/>. It rises while the alert is raised.</summary>
    public required double Peak { get => Volatile.Read(ref _peak); init => _peak = value; }

    /// <summary>The threshold that the value exceeded, from <see cref="AlertOptions"/>.</summary>
    public required double Threshold { get; init; }

    /// <summary>The same in one sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The sentence in the past tense with the <see cref="Peak"/>, for when the alert is over.</summary>
    public required string ClearedMessage { get => Volatile.Read(ref _clearedMessage); init => _clearedMessage = value; }

    internal void Rise(double peak, string clearedMessage)
    {
        Volatile.Write(ref _peak, peak);
        Volatile.Write(ref _clearedMessage, clearedMessage);
    }
}

/// <summary>What an alert is about (guide: "Monitor pattern behavior").</summary>
public enum AlertKind
{
    /// <summary>More calls than usual need a retry.</summary>
    RetryRate,

    /// <summary>The slots of the bulkhead are nearly all in use.</summary>
    Utilization,

    /// <summary>The circuit is not closed.</summary>
    CircuitOpen,
}
