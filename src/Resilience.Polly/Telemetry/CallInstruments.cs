using System.Diagnostics;
using System.Diagnostics.Metrics;
using Polly.CircuitBreaker;
using Resilience.Polly.Statistics;

namespace Resilience.Polly.Telemetry;

/// <summary>Instruments that record at once: durations, call by call and only while a listener is enabled, and transitions of circuits.</summary>
internal sealed class CallInstruments
{
    // From a call within the machine to one with all its retries. Without advice an exporter uses its own buckets, which are too wide below 5 s.
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100];

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _transitions;

    public CallInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryNames.Source);
        _duration = meter.CreateHistogram(
            "resilience.call.duration", "s", "How long calls took, with all attempts and waits", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _transitions = meter.CreateCounter<long>("resilience.circuit.transitions", "{transition}", "Changes of state of the circuit");
    }

    public bool WantsDurations => _duration.Enabled;

    /// <summary>Records a call that has ended. Pass the partition only if the metrics carry it, and the type of the error only if the call failed.</summary>
    public void Duration(string pipeline, string? partition, CallResult result, TimeSpan duration, string? errorType)
    {
        KeyValuePair<string, object?> name = new(TelemetryNames.Pipeline, pipeline), how = new(TelemetryNames.Result, result.Name());
        if (partition is null && errorType is null)
        {
            _duration.Record(duration.TotalSeconds, name, how); // a list of tags takes longer
            return;
        }

        var tags = new TagList { name, how };
        if (partition is not null)
        {
            tags.Add(TelemetryNames.Partition, partition);
        }

        if (errorType is not null)
        {
            tags.Add(TelemetryNames.ErrorType, errorType);
        }

        _duration.Record(duration.TotalSeconds, tags);
    }

    public void Transition(string pipeline, CircuitState to) =>
        _transitions.Add(1, new(TelemetryNames.Pipeline, pipeline), new(TelemetryNames.State, TelemetryNames.Of(to)));
}
