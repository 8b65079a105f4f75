using System.Collections.Concurrent;

namespace Resilience.Polly.TestKit;

/// <summary>Writes down what a listener hears.</summary>
public sealed class Recorder : IResilienceListener
{
    public ConcurrentQueue<CircuitTransition> Transitions { get; } = new();

    public ConcurrentQueue<RetryEvent> Retries { get; } = new();

    public ConcurrentQueue<RetryBudgetSpentEvent> BudgetsSpent { get; } = new();

    public ConcurrentQueue<RejectionEvent> Rejections { get; } = new();

    public ConcurrentQueue<DegradedEvent> Degraded { get; } = new();

    public ConcurrentQueue<Alert> Raised { get; } = new();

    public ConcurrentQueue<Alert> Cleared { get; } = new();

    public void OnCircuitChanged(CircuitTransition transition) => Transitions.Enqueue(transition);

    public void OnRetry(RetryEvent retry) => Retries.Enqueue(retry);

    public void OnRetryBudgetSpent(RetryBudgetSpentEvent spent) => BudgetsSpent.Enqueue(spent);

    public void OnRejected(RejectionEvent rejection) => Rejections.Enqueue(rejection);

    public void OnDegraded(DegradedEvent degraded) => Degraded.Enqueue(degraded);

    public void OnAlertRaised(Alert alert) => Raised.Enqueue(alert);

    public void OnAlertCleared(Alert alert) => Cleared.Enqueue(alert);
}
