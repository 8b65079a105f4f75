using System.Globalization;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Alerts;

/// <summary>What an alert looks at, and against what.</summary>
/// <param name="Value">The value now.</param>
/// <param name="Threshold">Above which the alert is raised.</param>
/// <param name="Hold">How long the value must stay on the other side.</param>
internal readonly record struct AlertReading(double Value, double Threshold, TimeSpan Hold)
{
    public static AlertReading Of(AlertKind kind, AlertOptions options, CallCounts lastMinute, BulkheadSnapshot bulkhead, CircuitBreakerSnapshot circuit) => kind switch
    {
        AlertKind.RetryRate => new(RetryRateOf(lastMinute, options), options.RetryRate, options.Hold),
        AlertKind.Utilization => new(bulkhead.Utilization, options.Utilization, options.Hold),
        _ => new(options.CircuitOpen && circuit.State != CircuitState.Closed ? 1 : 0, 0, TimeSpan.Zero),
    };

    /// <summary>The reading in one sentence, for people; in the past tense for when it is over.</summary>
    public string Describe(AlertKind kind, string pipeline, int slots, CircuitBreakerSnapshot circuit, bool isOver = false) => $"{pipeline}: " + kind switch
    {
        AlertKind.RetryRate => $"{Percent(Value)} of the calls of the last minute needed a retry, more than {Percent(Threshold)}",
        AlertKind.Utilization => $"{Percent(Value)} of {slots} slots {(isOver ? "were" : "are")} in use, more than {Percent(Threshold)}",
        _ => Describe(circuit, isOver ? "was" : "is"),
    };

    private static string Describe(CircuitBreakerSnapshot circuit, string verb) => $"the circuit {verb} {circuit.State}: {circuit.LastTransition?.Reason}";

    private static double RetryRateOf(CallCounts calls, AlertOptions options) => calls.Total < options.MinimumCalls ? 0 : calls.RetryRate;

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");
}
