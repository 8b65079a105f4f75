using System.Collections.Concurrent;

namespace Resilience.Polly.TestKit;

/// <summary>Writes down what a listener hears.</summary>
public sealed class Recorder : IResilienceListener
{
    public ConcurrentQueue<CircuitStateChangedEvent> Transitions { get; } = new();

    public ConcurrentQueue<RetryEvent> Retries { get; } = new();

    public ConcurrentQueue<RetryBudgetSpentEvent> BudgetsSpent { get; } = new();

    public ConcurrentQueue<RejectionEvent> Rejections { get; } = new();

    public ConcurrentQueue<DegradedEvent> Degraded { get; } = new();

    public ConcurrentQueue<Alert> Raised { get; } = new();

    public ConcurrentQueue<Alert> Cleared { get; } = new();

    public void OnEvent(PipelineEvent e)
    {
        switch (e)
        {
            case CircuitStateChangedEvent transition:
                Transitions.Enqueue(transition);
                break;
            case RetryEvent retry:
                Retries.Enqueue(retry);
                break;
            case RetryBudgetSpentEvent spent:
                BudgetsSpent.Enqueue(spent);
                break;
            case RejectionEvent rejection:
                Rejections.Enqueue(rejection);
                break;
            case DegradedEvent degraded:
                Degraded.Enqueue(degraded);
                break;
            case AlertEvent alert:
                (alert.IsRaised ? Raised : Cleared).Enqueue(alert.Alert);
                break;
        }
    }
}
