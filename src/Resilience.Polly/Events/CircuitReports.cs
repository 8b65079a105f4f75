using Polly;
using Polly.CircuitBreaker;
using Polly.Telemetry;

namespace Resilience.Polly.Events;

/// <summary>Reports the transitions of a circuit to Polly's telemetry, under Polly's event names.</summary>
internal static class CircuitReports
{
    public static void Report<TResult>(
        ResilienceStrategyTelemetry circuit, ResilienceContext context, Outcome<TResult> outcome, CircuitTransition? transition, TimeSpan recoveryTimeout)
    {
        switch (transition?.To)
        {
            case null:
                break;
            case CircuitState.Closed:
                circuit.Report(
                    new ResilienceEvent(ResilienceEventSeverity.Information, "OnCircuitClosed"),
                    context, outcome, new OnCircuitClosedArguments<TResult>(context, outcome, transition.IsManual));
                break;
            case CircuitState.HalfOpen:
                circuit.Report(
                    new ResilienceEvent(ResilienceEventSeverity.Warning, "OnCircuitHalfOpened"),
                    context, new OnCircuitHalfOpenedArguments(context));
                break;
            default:
                circuit.Report(
                    new ResilienceEvent(ResilienceEventSeverity.Error, "OnCircuitOpened"),
                    context, outcome, new OnCircuitOpenedArguments<TResult>(context, outcome, transition.IsManual ? TimeSpan.MaxValue : recoveryTimeout, transition.IsManual));
                break;
        }
    }
}
