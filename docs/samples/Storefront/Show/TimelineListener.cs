using Polly.CircuitBreaker;
using Resilience.Polly;

namespace Storefront;

/// <summary>Brings what the pipelines report into the timeline.</summary>
internal sealed class TimelineListener(Timeline timeline) : IResilienceListener
{
    public void OnCircuitChanged(CircuitTransition transition) =>
        timeline.Say(transition.PipelineName, $"circuit {transition.From} -> {transition.To}: {transition.Reason}", StyleOf(transition.To));

    public void OnRetry(RetryEvent retry) =>
        timeline.Count("retries", retry.PipelineName, $"the first of {retry.PipelineName}: after {retry.Reason}");

    public void OnRejected(RejectionEvent rejection) =>
        timeline.Count(rejection.By == RejectedBy.CircuitBreaker ? "circuit open" : "bulkhead full", rejection.PipelineName);

    public void OnAlertRaised(Alert alert) => Tell(alert, $"alert: {alert.Message}", "yellow");

    public void OnAlertCleared(Alert alert) => Tell(alert, $"alert is over: {alert.ClearedMessage}", "green");

    // That a circuit is not closed was told when it opened.
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
