namespace Resilience.Polly;

/// <summary>Hears what happens in the pipelines. Implement what is of interest; register with <c>AddListener</c>.</summary>
/// <remarks>
/// Called at once, on the thread of the call that caused the event, by many threads at once: be quick.
/// An exception that a listener throws is logged and harms neither the call nor other listeners.
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

    /// <summary>A call was not let in.</summary>
    /// <param name="rejection">By what.</param>
    void OnRejected(RejectionEvent rejection)
    {
    }
}
