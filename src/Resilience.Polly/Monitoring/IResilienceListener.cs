namespace Resilience.Polly;

/// <summary>Hears what happens in the pipelines. Implement what is of interest; register with <c>AddListener</c>.</summary>
/// <remarks>
/// Each listener is told one event at a time, in the order in which they were reported, on a thread of the pool and never on that of a call.
/// So it needs no locks, and one that is slow or throws harms neither calls nor other listeners. 10,000 events wait for a slow one;
/// what comes beyond them is passed over for it, logged, and told by <see cref="OnEventsLost"/>.
/// </remarks>
public interface IResilienceListener
{
    /// <summary>A circuit changed its state.</summary>
    /// <param name="transition">From where to where, and why.</param>
    void OnCircuitChanged(CircuitTransition transition)
    {
    }

    /// <summary>An attempt failed and will be repeated.</summary>
    /// <param name="retry">Which attempt, why, and after which wait.</param>
    void OnRetry(RetryEvent retry)
    {
    }

    /// <summary>An attempt failed and is not repeated, because the retry budget is spent.</summary>
    /// <param name="spent">Which attempt, and why it failed.</param>
    void OnRetryBudgetSpent(RetryBudgetSpentEvent spent)
    {
    }

    /// <summary>A call was not let in.</summary>
    /// <param name="rejection">By what.</param>
    void OnRejected(RejectionEvent rejection)
    {
    }

    /// <summary>A call failed, and a fallback made it good.</summary>
    /// <param name="degraded">Whose call, and why it failed.</param>
    void OnDegraded(DegradedEvent degraded)
    {
    }

    /// <summary>An alert was raised.</summary>
    /// <param name="alert">What about.</param>
    void OnAlertRaised(Alert alert)
    {
    }

    /// <summary>An alert is over.</summary>
    /// <param name="alert">The alert, as it was raised.</param>
    void OnAlertCleared(Alert alert)
    {
    }

    /// <summary>A changed configuration gave a pipeline other settings.</summary>
    /// <param name="change">Which.</param>
    void OnSettingsChanged(SettingsEvent change)
    {
    }

    /// <summary>The number of slots of an adaptive bulkhead changed.</summary>
    /// <param name="change">From what to what, and why.</param>
    void OnLimitChanged(LimitChange change)
    {
    }

    /// <summary>This listener was too slow, and missed events.</summary>
    /// <param name="lost">How many.</param>
    void OnEventsLost(EventsLostEvent lost)
    {
    }
}
