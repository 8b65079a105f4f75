namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>A snapshot as a page is told it.</summary>
internal static class PipelineReading
{
    /// <param name="now">The pipeline now.</param>
    /// <param name="before">Its calls at the sample before.</param>
    /// <param name="elapsed">The time since then.</param>
    public static PipelineState Of(PipelineSnapshot now, CallCounts before, TimeSpan elapsed)
    {
        var (circuit, options) = (now.CircuitBreaker, now.Options);
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
                ? new(last.At.ToUnixTimeMilliseconds(), last.From, last.To, last.Reason, last.IsManual)
                : null,
            CallsPerSecond = PerSecond(counts => counts.Total),
            FailedPerSecond = PerSecond(counts => counts.Failed + counts.TimedOut),
            RejectedPerSecond = PerSecond(counts => counts.CircuitOpen + counts.BulkheadFull + counts.Shed),
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
            UtilizationLimit = options.Alerts.Utilization,
            Alerts = [.. now.Alerts.Select(alert => new AlertState(alert.Kind, alert.RaisedAt.ToUnixTimeMilliseconds()))],
        };

        double PerSecond(Func<CallCounts, long> count) =>
            elapsed > TimeSpan.Zero ? Math.Round((count(now.Lifetime) - count(before)) / elapsed.TotalSeconds, 2) : 0;
    }

    private static double Milliseconds(TimeSpan duration) => Math.Round(duration.TotalMilliseconds, 2);
}
