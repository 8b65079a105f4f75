using System.Diagnostics.Metrics;
using Resilience.Polly.Flow;
using Resilience.Polly.Statistics;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Pipelines;

/// <summary>Counts and states of the pipelines, which are read when somebody collects them, so that they cost a call nothing.</summary>
internal sealed class PipelineInstruments
{
    private static readonly AlertKind[] Kinds = Enum.GetValues<AlertKind>();

    private readonly LivePipelines _pipelines;

    private PipelineInstruments(LivePipelines pipelines) => _pipelines = pipelines;

    public static void Observe(LivePipelines pipelines, IMeterFactory meters) => new PipelineInstruments(pipelines).Register(meters);

    private void Register(IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryNames.Source);
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

    private static IEnumerable<Measurement<long>> ResultsOf(LivePipeline pipeline)
    {
        var calls = pipeline.Calls.ReadLifetime();
        return CallResults.All.Select(result => Of(pipeline, calls.Of(result), TelemetryNames.Result, result.Name()));
    }

    private static IEnumerable<Measurement<int>> AlertsOf(LivePipeline pipeline)
    {
        var raised = pipeline.Alerts.Raised;
        return Kinds.Select(kind => Of(pipeline, raised.Any(alert => alert.Kind == kind) ? 1 : 0, TelemetryNames.Kind, Of(kind)));
    }

    private static string Of(AlertKind kind) => kind switch
    {
        AlertKind.RetryRate => "retry_rate",
        AlertKind.Utilization => "utilization",
        _ => "circuit_open",
    };

    private static Measurement<T> Of<T>(LivePipeline pipeline, T value, string tag, string tagValue)
        where T : struct =>
        new(value, NameOf(pipeline), new KeyValuePair<string, object?>(tag, tagValue));

    private static KeyValuePair<string, object?> NameOf(LivePipeline pipeline) => new(TelemetryNames.Pipeline, pipeline.Name);

    private IEnumerable<Measurement<T>> Each<T>(Func<LivePipeline, T> read)
        where T : struct => _pipelines.InUse.Select(pipeline => new Measurement<T>(read(pipeline), NameOf(pipeline)));

    private IEnumerable<Measurement<T>> Many<T>(Func<LivePipeline, IEnumerable<Measurement<T>>> read)
        where T : struct => _pipelines.InUse.SelectMany(read);
}
