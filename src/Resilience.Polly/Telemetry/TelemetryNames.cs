using Polly.CircuitBreaker;

namespace Resilience.Polly.Telemetry;

/// <summary>The names in meter and traces. Dashboards depend on these names: they do not change.</summary>
internal static class TelemetryNames
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Source = "Resilience.Polly";

    public const string Pipeline = "pipeline.name";
    public const string Partition = "pipeline.partition";
    public const string Result = "call.result";
    public const string Attempts = "call.attempts";
    public const string Attempt = "attempt.number";
    public const string Outcome = "attempt.outcome";
    public const string Wait = "attempt.wait";
    public const string RetryResult = "retry.result";
    public const string History = "call.history";

    // Those of OpenTelemetry's semantic conventions.
    public const string ErrorType = "error.type";
    public const string StatusCode = "http.response.status_code";

    public const string Kind = "alert.kind";
    public const string State = "circuit.state";
    public const string Queue = "queue.name";
    public const string QueueResult = "queue.result";

    public static string Of(CircuitState state) => state switch
    {
        CircuitState.Closed => "closed",
        CircuitState.HalfOpen => "half_open",
        CircuitState.Open => "open",
        _ => "isolated",
    };

    /// <summary>A state as a number, higher for a worse state: for a gauge, and for the maximum of many.</summary>
    public static int Level(CircuitState state) => state switch
    {
        CircuitState.Closed => 0,
        CircuitState.HalfOpen => 1,
        CircuitState.Open => 2,
        _ => 3,
    };
}
