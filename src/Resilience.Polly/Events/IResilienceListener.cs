namespace Resilience.Polly;

/// <summary>Hears what happens in the pipelines. Register a listener with <c>AddListener</c>.</summary>
/// <remarks>
/// Each listener gets one event at a time, in the order of the reports. It runs on a thread of the pool, never on that of a call.
/// So it needs no locks, and one that is slow or throws harms neither calls nor other listeners. 10,000 events wait for a slow one;
/// what comes beyond them is passed over for it, logged, and told by an <see cref="EventsLostEvent"/>.
/// </remarks>
public interface IResilienceListener
{
    /// <summary>Something happened. The type of the event says what: see <see cref="PipelineEvent"/>.</summary>
    /// <param name="e">The event. Later versions bring types that a listener does not know, which it should pass over.</param>
    void OnEvent(PipelineEvent e);
}
