using System.Diagnostics.Metrics;
using Resilience.Polly.Flow;
using Resilience.Polly.Statistics;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Pipelines;

/// <summary>Counts and states of the pipelines. They are read on each collection, so they cost a call nothing.</summary>
internal static class PipelineInstruments
{
    public static void Observe(LivePipelines pipelines, IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryNames.Source);
        meter.CreateObservableCounter(
            "resilience.calls", Many<long>(ReadResults, TelemetryNames.Result, [.. CallResults.All.Select(CallResults.Name)]), "{call}", "Calls that ended, by result");
        meter.CreateObservableCounter("resilience.retries", Each(p => p.ReadLifetime(CallCounters.Retries)), "{attempt}", "Attempts beyond the first");
        meter.CreateObservableCounter(
            "resilience.retry.calls", Many<long>(ReadRetried, TelemetryNames.RetryResult, "succeeded", "failed"), "{call}", "Calls that needed more than one attempt, by how they ended");
        meter.CreateObservableGauge("resilience.retry.budget_available", Each(p => p.RetriesLeft), "{attempt}", "Retries that the budget allows now; -1 where it is off");
        meter.CreateObservableCounter(
            "resilience.retry.budget_spent", Each(p => p.ReadLifetime(CallCounters.RetryBudgetSpent)), "{call}", "Calls not repeated because the retry budget was spent");
        meter.CreateObservableCounter("resilience.degraded", Each(p => p.ReadLifetime(CallCounters.Degraded)), "{call}", "Calls that a fallback answered");
        meter.CreateObservableGauge("resilience.retry.rate", Each(p => p.RetryRate), "1", "Share of the calls of the last minute that needed a retry");

        meter.CreateObservableGauge(
            "resilience.circuit.state",
            Each(p => p.CircuitLevel), "{state}", "0 closed, 1 half-open, 2 open, 3 isolated");
        meter.CreateObservableGauge("resilience.circuit.failures", Each(p => p.Failures), "{failure}", "Failures in a row");

        meter.CreateObservableGauge("resilience.partitions", Each(p => p.Partitions), "{partition}", "Partitions of the pipeline");
        meter.CreateObservableGauge("resilience.partitions.open", Each(p => p.OpenCircuits), "{partition}", "Partitions whose circuit is open or half-open");

        meter.CreateObservableGauge("resilience.bulkhead.limit", Each(p => p.Slots), "{call}", "Calls that may be inside at once");
        meter.CreateObservableGauge("resilience.bulkhead.in_use", Each(p => p.SlotsInUse), "{call}", "Calls inside");
        meter.CreateObservableGauge("resilience.bulkhead.waiting", Each(p => p.Waiting), "{call}", "Calls in line for a slot");

        meter.CreateObservableGauge(
            "resilience.alerts", Many<int>(ReadAlerts, TelemetryNames.Kind, "retry_rate", "utilization", "circuit_open"), "{alert}", "1 while the alert is raised, by kind");

        Func<IEnumerable<Measurement<T>>> Each<T>(Func<MeterScope, T> read)
            where T : struct => new Series<T>(pipelines, (scope, values) => values[0] = read(scope), tag: null, [null]).Collect;

        Func<IEnumerable<Measurement<T>>> Many<T>(Action<MeterScope, T[]> read, string tag, params string[] tagValues)
            where T : struct => new Series<T>(pipelines, read, tag, tagValues).Collect;
    }

    private static void ReadResults(MeterScope scope, long[] values)
    {
        Span<long> row = stackalloc long[CallCounters.Size];
        scope.ReadLifetime(row);
        foreach (var result in CallResults.All)
        {
            values[(int)result] = row[CallCounters.IndexOf(result)];
        }
    }

    private static void ReadRetried(MeterScope scope, long[] values)
    {
        values[0] = scope.ReadLifetime(CallCounters.RetriedAndSucceeded);
        values[1] = scope.ReadLifetime(CallCounters.RetriedAndFailed);
    }

    private static void ReadAlerts(MeterScope scope, int[] values)
    {
        Array.Clear(values);
        foreach (var alert in scope.Alerts)
        {
            values[(int)alert.Kind] = 1;
        }
    }

    /// <summary>The measurements of one instrument for all pipelines, in the order of their first use: one for each scope and value of the tag.</summary>
    /// <remarks>A measurement holds a copy of its tags. The last one of each series is kept, and returned again while its value is the same, as most are.</remarks>
    private sealed class Series<T>(LivePipelines pipelines, Action<MeterScope, T[]> read, string? tag, string?[] tagValues)
        where T : struct
    {
        private List<(MeterScope Scope, Measurement<T> Last)>? _kept;

        public IEnumerable<Measurement<T>> Collect()
        {
            // A concurrent collection starts with none.
            var kept = Interlocked.Exchange(ref _kept, null) ?? [];
            var values = new T[tagValues.Length];
            var place = 0;
            foreach (var pipeline in pipelines.InUse)
            {
                if (pipeline.Partitions is not null && pipeline.Settings.Options.PartitionMetrics)
                {
                    foreach (var partition in pipeline.All())
                    {
                        Read(new(pipeline, partition), values, kept, place);
                        for (var i = 0; i < values.Length; i++, place++)
                        {
                            yield return kept[place].Last;
                        }
                    }

                    continue;
                }

                Read(new(pipeline, null), values, kept, place);
                for (var i = 0; i < values.Length; i++, place++)
                {
                    yield return kept[place].Last;
                }
            }

            Volatile.Write(ref _kept, kept);
        }

        private void Read(MeterScope scope, T[] values, List<(MeterScope Scope, Measurement<T> Last)> kept, int first)
        {
            read(scope, values);
            for (var i = 0; i < values.Length; i++)
            {
                if (first + i == kept.Count)
                {
                    kept.Add((scope, Measure(scope, values[i], tagValues[i])));
                }
                else if (kept[first + i] is var (last, measured) && (last != scope || !EqualityComparer<T>.Default.Equals(measured.Value, values[i])))
                {
                    kept[first + i] = (scope, Measure(scope, values[i], tagValues[i]));
                }
            }
        }

        private Measurement<T> Measure(MeterScope scope, T value, string? tagValue)
        {
            var name = new KeyValuePair<string, object?>(TelemetryNames.Pipeline, scope.Pipeline.Name);
            if (scope.Partition is { } partition)
            {
                var key = new KeyValuePair<string, object?>(TelemetryNames.Partition, partition.Key ?? "");
                return tag is null ? new(value, name, key) : new(value, name, key, new(tag, tagValue));
            }

            return tag is null ? new(value, name) : new(value, name, new(tag, tagValue));
        }
    }
}
