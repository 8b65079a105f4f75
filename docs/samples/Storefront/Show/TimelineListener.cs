using Polly.CircuitBreaker;
using Resilience.Polly;

namespace Storefront;

/// <summary>Adds the events of the pipelines to the timeline.</summary>
internal sealed class TimelineListener(Timeline timeline) : IResilienceListener
{
    public void OnEvent(PipelineEvent e)
    {
        switch (e)
        {
            case CircuitStateChangedEvent transition:
                timeline.Say(transition.PipelineName, $"circuit {transition.From} -> {transition.To}: {transition.Reason}", StyleOf(transition.To));
                break;
            case RetryEvent retry:
                timeline.Count("retries", retry.PipelineName, $"the first of {retry.PipelineName}: after {retry.Reason}");
                break;
            case RejectionEvent rejection:
                timeline.Count(rejection.By == RejectedBy.CircuitBreaker ? "circuit open" : "bulkhead full", rejection.PipelineName);
                break;
            case AlertEvent { IsRaised: true, Alert: var alert }:
                Tell(alert, $"alert: {alert.Message}", "yellow");
                break;
            case AlertEvent { Alert: var alert }:
                Tell(alert, $"alert is over: {alert.ClearedMessage}", "green");
                break;
        }
    }

    // The timeline already showed that the circuit opened.
    private void Tell(Alert alert, string what, string style)
    {
        if (alert.Kind != AlertKind.CircuitOpen)
        {
            timeline.Say(alert.PipelineName, what.Replace($"{alert.PipelineName}: ", "", StringComparison.Ordinal), style);
        }
    }

    private static string StyleOf(CircuitState state) => state switch
    {
        CircuitState.Closed => "green",
        CircuitState.HalfOpen => "yellow",
        _ => "red",
    };
}
