using System.Diagnostics.Metrics;
using Resilience.Polly.Flow;
using Resilience.Polly.Statistics;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Pipelines;

/// <summary>Counts and states of the pipelines, which are read when somebody collects them, so that they cost a call nothing.</summary>
internal static class PipelineInstruments
{
    public static void Observe(LivePipelines pipelines, IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryNames.Source);
        meter.CreateObservableCounter(
            "resilience.calls", Many<long>(ReadResults, TelemetryNames.Result, [.. CallResults.All.Select(CallResults.Name)]), "{call}", "Calls that ended, by result");
        meter.CreateObservableCounter("resilience.retries", Each(p => p.Calls.ReadLifetime(CallCounters.Retries)), "{attempt}", "Attempts beyond the first");
        meter.CreateObservableCounter(
            "resilience.retry.calls", Many<long>(ReadRetried, TelemetryNames.RetryResult, "succeeded", "failed"), "{call}", "Calls that needed more than one attempt, by how they ended");
        meter.CreateObservableGauge("resilience.retry.budget_available", Each(p => p.ReadRetryBudget()?.Available ?? -1), "{attempt}", "Retries that the budget allows now; -1 where it is off");
        meter.CreateObservableCounter(
            "resilience.retry.budget_spent", Each(p => p.Calls.ReadLifetime(CallCounters.RetryBudgetSpent)), "{call}", "Calls not repeated because the retry budget was spent");
        meter.CreateObservableCounter("resilience.degraded", Each(p => p.Calls.ReadLifetime(CallCounters.Degraded)), "{call}", "Calls that a fallback answered");
        meter.CreateObservableGauge("resilience.retry.rate", Each(p => p.Calls.ReadRetryRate()), "1", "Share of the calls of the last minute that needed a retry");

        meter.CreateObservableGauge(
            "resilience.circuit.state",
            Each(p => p.Circuit.IsClosed ? 0 : TelemetryNames.Level(p.ReadCircuit().State)), "{state}", "0 closed, 1 half-open, 2 open, 3 isolated");
        meter.CreateObservableGauge("resilience.circuit.failures", Each(p => p.Circuit.Failures), "{failure}", "Failures in a row");

        meter.CreateObservableGauge("resilience.bulkhead.limit", Each(p => p.Bulkhead.Limit), "{call}", "Calls that may be inside at once");
        meter.CreateObservableGauge("resilience.bulkhead.in_use", Each(p => p.Bulkhead.InUse), "{call}", "Calls inside");
        meter.CreateObservableGauge("resilience.bulkhead.waiting", Each(p => p.Bulkhead.Waiting), "{call}", "Calls in line for a slot");

        meter.CreateObservableGauge(
            "resilience.alerts", Many<int>(ReadAlerts, TelemetryNames.Kind, "retry_rate", "utilization", "circuit_open"), "{alert}", "1 while the alert is raised, by kind");

        Func<IEnumerable<Measurement<T>>> Each<T>(Func<LivePipeline, T> read)
            where T : struct => new Series<T>(pipelines, (pipeline, values) => values[0] = read(pipeline), tag: null, [null]).Collect;

        Func<IEnumerable<Measurement<T>>> Many<T>(Action<LivePipeline, T[]> read, string tag, params string[] tagValues)
            where T : struct => new Series<T>(pipelines, read, tag, tagValues).Collect;
    }

    private static void ReadResults(LivePipeline pipeline, long[] values)
    {
        Span<long> row = stackalloc long[CallCounters.Size];
        pipeline.Calls.ReadLifetime(row);
        foreach (var result in CallResults.All)
        {
            values[(int)result] = row[CallCounters.IndexOf(result)];
        }
    }

    private static void ReadRetried(LivePipeline pipeline, long[] values)
    {
        values[0] = pipeline.Calls.ReadLifetime(CallCounters.RetriedAndSucceeded);
        values[1] = pipeline.Calls.ReadLifetime(CallCounters.RetriedAndFailed);
    }

    private static void ReadAlerts(LivePipeline pipeline, int[] values)
    {
        Array.Clear(values);
        foreach (var alert in pipeline.Alerts.Raised)
        {
            values[(int)alert.Kind] = 1;
        }
    }

    /// <summary>What one instrument measures of all pipelines.</summary>
    /// <remarks>A measurement holds a copy of its tags. The last one of each pipeline is kept, and given again while its value is the same: most are.</remarks>
    /// <param name="pipelines">The pipelines. The order in which they come into use is that of the measurements.</param>
    /// <param name="read">Reads the values of one pipeline, one for each value of the tag.</param>
    /// <param name="tag">The tag beside the name of the pipeline, or <see langword="null"/>.</param>
    /// <param name="tagValues">Its values.</param>
    private sealed class Series<T>(LivePipelines pipelines, Action<LivePipeline, T[]> read, string? tag, string?[] tagValues)
        where T : struct
    {
        private List<Measurement<T>>? _kept;

        public IEnumerable<Measurement<T>> Collect()
        {
            // A collection at the same time starts with none.
            var kept = Interlocked.Exchange(ref _kept, null) ?? [];
            var values = new T[tagValues.Length];
            var place = 0;
            foreach (var pipeline in pipelines.InUse)
            {
                read(pipeline, values);
                for (var i = 0; i < values.Length; i++, place++)
                {
                    if (place == kept.Count)
                    {
                        kept.Add(Measure(pipeline, values[i], tagValues[i]));
                    }
                    else if (!EqualityComparer<T>.Default.Equals(kept[place].Value, values[i]))
                    {
                        kept[place] = Measure(pipeline, values[i], tagValues[i]);
                    }

                    yield return kept[place];
                }
            }

            Volatile.Write(ref _kept, kept);
        }

        private Measurement<T> Measure(LivePipeline pipeline, T value, string? tagValue)
        {
            var name = new KeyValuePair<string, object?>(TelemetryNames.Pipeline, pipeline.Name);
            return tag is null ? new(value, name) : new(value, name, new(tag, tagValue));
        }
    }
}
