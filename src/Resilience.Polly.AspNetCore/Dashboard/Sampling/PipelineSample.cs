using Polly.CircuitBreaker;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>The state of one pipeline at one moment, as pages get it. Times are milliseconds since 1970, durations milliseconds, rates per second, shares 0 to 1.</summary>
/// <param name="now">The pipeline now.</param>
/// <param name="options">Its settings in force.</param>
/// <param name="rates">Its calls per second since the previous sample.</param>
internal readonly struct PipelineSample(PipelineSnapshot now, PipelineOptions options, CallRates rates)
{
    public string Name => now.Name;

    public PipelineImportance Importance => options.Importance;

    public CircuitState State => now.CircuitBreaker.State;

    public CircuitBreakerMode Mode => options.CircuitBreaker.Mode;

    public int FailureCount => now.CircuitBreaker.FailureCount;

    public int? FailureThreshold => now.CircuitBreaker.FailureThreshold;

    /// <summary>A moment rather than a duration, so that the state of an idle pipeline stays the same from sample to sample.</summary>
    public long? ProbeAt => now.CircuitBreaker.TimeToProbe is { } wait ? (now.At + wait).ToUnixTimeMilliseconds() : null;

    public TransitionState? Transition => now.CircuitBreaker.LastTransition is { } last
        ? new(last.At.ToUnixTimeMilliseconds(), last.From, last.To, last.Reason, last.IsManual, last.Partition)
        : null;

    public double CallsPerSecond => rates.Calls;

    public double FailedPerSecond => rates.Failed;

    public double RejectedPerSecond => rates.Rejected;

    public CallCounts Calls => now.Calls;

    public double RetryLimit => options.Alerts.RetryRate;

    public double P50 => Milliseconds(now.Latency.P50);

    public double P95 => Milliseconds(now.Latency.P95);

    public double P99 => Milliseconds(now.Latency.P99);

    public int InUse => now.Bulkhead.InUse;

    public int Limit => now.Bulkhead.Limit;

    public int Waiting => now.Bulkhead.Waiting;

    public int Peak => now.Bulkhead.Peak;

    /// <summary>The reason for the current adaptive limit.</summary>
    public string? LimitReason => now.Bulkhead.LastLimitChange?.Reason;

    /// <summary>Why calls are shed; <see langword="null"/> while none are.</summary>
    public string? Overload => now.Overload;

    public IReadOnlyList<string>? Shared => SharedTexts.Of(now);

    public double UtilizationLimit => options.Alerts.Utilization;

    /// <summary>How long a value must stay on the other side of its limit before an alert is raised or ends.</summary>
    public double AlertHold => options.Alerts.Hold.TotalMilliseconds;

    public IEnumerable<AlertState> Alerts =>
        now.Alerts.Select(alert => new AlertState(alert.Kind, alert.RaisedAt.ToUnixTimeMilliseconds(), Math.Round(alert.Peak, 4), alert.Partition));

    /// <summary>How many partitions there are; 0 if the pipeline has none.</summary>
    public int PartitionCount => now.Partitions.Count;

    /// <summary>How many circuits of the partitions are open or half-open.</summary>
    public int OpenCircuits => now.OpenCircuits;

    public IEnumerable<PartitionState>? Partitions => now.Partitions.Count == 0 ? null : PartitionState.WorstOf(now.Partitions);

    /// <summary>Writes the values that the history keeps. It reads no options, since each snapshot would have to copy them.</summary>
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

/// <summary>The last change of a circuit.</summary>
internal sealed record TransitionState(long At, CircuitState From, CircuitState To, string Reason, bool IsManual, string? Partition);

/// <summary>An alert that is raised, and the highest value since then.</summary>
internal sealed record AlertState(AlertKind Kind, long Since, double Peak, string? Partition);
