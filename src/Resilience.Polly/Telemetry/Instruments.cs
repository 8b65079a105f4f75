using System.Diagnostics.Metrics;

namespace Resilience.Polly;

/// <summary>
/// The meter of the library. Counts and states are read when somebody collects them, so that they cost a call nothing;
/// durations are recorded call by call, and only while somebody listens to them.
/// </summary>
internal sealed class Instruments
{
    // From a call within the machine to one with all its retries. An exporter takes its own where none are advised, which tell nothing below 5 s.
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100];

    private static readonly CallResult[] Results = Enum.GetValues<CallResult>();
    private static readonly AlertKind[] Kinds = Enum.GetValues<AlertKind>();

    private readonly LivePipelines _pipelines;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _transitions;

    public Instruments(IMeterFactory meters, LivePipelines pipelines)
    {
        _pipelines = pipelines;
        var meter = meters.Create(TelemetryNames.Source);

        _duration = meter.CreateHistogram(
            "resilience.call.duration", "s", "How long calls took, with all attempts and waits", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        meter.CreateObservableCounter("resilience.calls", () => Many(ResultsOf), "{call}", "Calls that ended, by result");
        meter.CreateObservableCounter(
            "resilience.retries", () => Each(p => p.Calls.ReadLifetime().Retries), "{attempt}", "Attempts beyond the first");
        meter.CreateObservableCounter(
            "resilience.retry.budget_spent", () => Each(p => p.Calls.ReadLifetime().RetryBudgetSpent), "{call}", "Calls not repeated because the retry budget was spent");
        meter.CreateObservableCounter(
            "resilience.degraded", () => Each(p => p.Calls.ReadLifetime().Degraded), "{call}", "Calls that a fallback made good");
        meter.CreateObservableGauge(
            "resilience.retry.rate",
            () => Each(p => p.Calls.ReadMinute().RetryRate), "1", "Share of the calls of the last minute that needed a retry");

        _transitions = meter.CreateCounter<long>("resilience.circuit.transitions", "{transition}", "Changes of state of the circuit");
        meter.CreateObservableGauge(
            "resilience.circuit.state",
            () => Each(p => TelemetryNames.Level(p.ReadCircuit().State)), "{state}", "0 closed, 1 half-open, 2 open, 3 isolated");
        meter.CreateObservableGauge(
            "resilience.circuit.failures", () => Each(p => p.ReadCircuit().FailureCount), "{failure}", "Failures in a row");

        meter.CreateObservableGauge(
            "resilience.bulkhead.limit", () => Each(p => p.Bulkhead.Limit), "{call}", "Calls that may be inside at once");
        meter.CreateObservableGauge("resilience.bulkhead.in_use", () => Each(p => p.Bulkhead.InUse), "{call}", "Calls inside");
        meter.CreateObservableGauge(
            "resilience.bulkhead.waiting", () => Each(p => p.Bulkhead.Read().Waiting), "{call}", "Calls in line for a slot");

        meter.CreateObservableGauge("resilience.alerts", () => Many(AlertsOf), "{alert}", "1 while the alert is raised, by kind");
    }

    public bool WantsDurations => _duration.Enabled;

    public void Duration(LivePipeline pipeline, CallResult result, TimeSpan duration) =>
        _duration.Record(
            duration.TotalSeconds,
            new(TelemetryNames.Pipeline, pipeline.Name),
            new(TelemetryNames.Result, TelemetryNames.Of(result)));

    public void Transition(CircuitTransition transition) =>
        _transitions.Add(
            1,
            new(TelemetryNames.Pipeline, transition.PipelineName),
            new(TelemetryNames.State, TelemetryNames.Of(transition.To)));

    private static IEnumerable<Measurement<long>> ResultsOf(LivePipeline pipeline)
    {
        var calls = pipeline.Calls.ReadLifetime();
        return Results.Select(result => Of(pipeline, calls.Of(result), TelemetryNames.Result, TelemetryNames.Of(result)));
    }

    private static IEnumerable<Measurement<int>> AlertsOf(LivePipeline pipeline)
    {
        var raised = pipeline.Alerts.Raised;
        return Kinds.Select(kind => Of(pipeline, raised.Any(alert => alert.Kind == kind) ? 1 : 0, TelemetryNames.Kind, TelemetryNames.Of(kind)));
    }

    private static Measurement<T> Of<T>(LivePipeline pipeline, T value, string tag, string tagValue)
        where T : struct =>
        new(value, NameOf(pipeline), new KeyValuePair<string, object?>(tag, tagValue));

    private static KeyValuePair<string, object?> NameOf(LivePipeline pipeline) => new(TelemetryNames.Pipeline, pipeline.Name);

    private IEnumerable<Measurement<T>> Each<T>(Func<LivePipeline, T> read)
        where T : struct => _pipelines.InUse.Select(pipeline => new Measurement<T>(read(pipeline), NameOf(pipeline)));

    private IEnumerable<Measurement<T>> Many<T>(Func<LivePipeline, IEnumerable<Measurement<T>>> read)
        where T : struct => _pipelines.InUse.SelectMany(read);
}
