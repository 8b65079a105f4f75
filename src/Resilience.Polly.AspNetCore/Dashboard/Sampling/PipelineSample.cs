using Polly.CircuitBreaker;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>The state of one pipeline at one moment, as pages get it. Times are milliseconds since 1970, durations milliseconds, rates per second, shares 0 to 1.</summary>
internal sealed record PipelineSample
{
    public required string Name { get; init; }

    public required PipelineImportance Importance { get; init; }

    public required CircuitState State { get; init; }

    public required CircuitBreakerMode Mode { get; init; }

    public int FailureCount { get; init; }

    public int? FailureThreshold { get; init; }

    /// <summary>A moment rather than a duration, so that the state of an idle pipeline stays the same from sample to sample.</summary>
    public long? ProbeAt { get; init; }

    public TransitionState? Transition { get; init; }

    public double CallsPerSecond { get; init; }

    public double FailedPerSecond { get; init; }

    public double RejectedPerSecond { get; init; }

    public required CallCounts Calls { get; init; }

    public double RetryLimit { get; init; }

    public double P50 { get; init; }

    public double P95 { get; init; }

    public double P99 { get; init; }

    public int InUse { get; init; }

    public int Limit { get; init; }

    public int Waiting { get; init; }

    public int Peak { get; init; }

    /// <summary>The reason for the current adaptive limit.</summary>
    public string? LimitReason { get; init; }

    /// <summary>Why calls are shed; <see langword="null"/> while none are.</summary>
    public string? Overload { get; init; }

    /// <summary>What the pipeline shares with other instances, as lines of text; <see langword="null"/> if it shares nothing.</summary>
    public IReadOnlyList<string>? Shared { get; init; }

    public double UtilizationLimit { get; init; }

    /// <summary>How long a value must stay on the other side of its limit before an alert is raised or ends.</summary>
    public double AlertHold { get; init; }

    public required IReadOnlyList<AlertState> Alerts { get; init; }

    /// <summary>How many partitions there are; 0 if the pipeline has none.</summary>
    public int PartitionCount { get; init; }

    /// <summary>How many circuits of the partitions are open or half-open.</summary>
    public int OpenCircuits { get; init; }

    /// <summary>The partitions, or the worst if there are many; <see langword="null"/> if the pipeline has none.</summary>
    public IReadOnlyList<PartitionState>? Partitions { get; init; }
}

/// <summary>The last change of a circuit.</summary>
internal sealed record TransitionState(long At, CircuitState From, CircuitState To, string Reason, bool IsManual, string? Partition);

/// <summary>An alert that is raised, and the highest value since then.</summary>
internal sealed record AlertState(AlertKind Kind, long Since, double Peak, string? Partition);

/// <summary>Turns a snapshot into the state that a page shows.</summary>
internal static class PipelineSampler
{
    /// <param name="now">The pipeline now.</param>
    /// <param name="options">Its settings in force.</param>
    /// <param name="rates">Its calls per second since the previous sample.</param>
    public static PipelineSample Of(PipelineSnapshot now, PipelineOptions options, CallRates rates)
    {
        var circuit = now.CircuitBreaker;
        return new()
        {
            Name = now.Name,
            Importance = options.Importance,
            State = circuit.State,
            Mode = options.CircuitBreaker.Mode,
            FailureCount = circuit.FailureCount,
            FailureThreshold = circuit.FailureThreshold,
            ProbeAt = circuit.TimeToProbe is { } wait ? (now.At + wait).ToUnixTimeMilliseconds() : null,
            Transition = circuit.LastTransition is { } last
                ? new(last.At.ToUnixTimeMilliseconds(), last.From, last.To, last.Reason, last.IsManual, last.Partition)
                : null,
            CallsPerSecond = rates.Calls,
            FailedPerSecond = rates.Failed,
            RejectedPerSecond = rates.Rejected,
            Calls = now.Calls,
            RetryLimit = options.Alerts.RetryRate,
            P50 = Milliseconds(now.Latency.P50),
            P95 = Milliseconds(now.Latency.P95),
            P99 = Milliseconds(now.Latency.P99),
            InUse = now.Bulkhead.InUse,
            Limit = now.Bulkhead.Limit,
            Waiting = now.Bulkhead.Waiting,
            Peak = now.Bulkhead.Peak,
            LimitReason = now.Bulkhead.LastLimitChange?.Reason,
            Overload = now.Overload,
            Shared = SharedTexts.Of(now),
            UtilizationLimit = options.Alerts.Utilization,
            AlertHold = options.Alerts.Hold.TotalMilliseconds,
            Alerts = [.. now.Alerts.Select(alert => new AlertState(alert.Kind, alert.RaisedAt.ToUnixTimeMilliseconds(), Math.Round(alert.Peak, 4), alert.Partition))],
            PartitionCount = now.Partitions.Count,
            OpenCircuits = now.OpenCircuits,
            Partitions = now.Partitions.Count == 0 ? null : PartitionSampler.WorstOf(now.Partitions),
        };
    }

    /// <summary>Writes the values that the history keeps of a sample. It does not read the options, since a snapshot would then have to copy them.</summary>
    public static void Write(Span<float> sample, PipelineSnapshot now, CallRates rates)
    {
        foreach (var column in HistoryRing.Columns)
        {
            sample[(int)column] = (float)(column switch
            {
                HistoryColumn.CallsPerSecond => rates.Calls,
                HistoryColumn.FailedPerSecond => rates.Failed,
                HistoryColumn.RejectedPerSecond => rates.Rejected,
                HistoryColumn.RetryRate => now.Calls.RetryRate,
                HistoryColumn.P50 => Milliseconds(now.Latency.P50),
                HistoryColumn.P95 => Milliseconds(now.Latency.P95),
                HistoryColumn.P99 => Milliseconds(now.Latency.P99),
                HistoryColumn.InUse => now.Bulkhead.InUse,
                HistoryColumn.Waiting => now.Bulkhead.Waiting,
                HistoryColumn.Limit => now.Bulkhead.Limit,
                _ => (int)now.CircuitBreaker.State, // the page knows these numbers
            });
        }
    }

    private static double Milliseconds(TimeSpan duration) => Math.Round(duration.TotalMilliseconds, 2);
}
