namespace Resilience.Polly;

/// <summary>Receives the events of the pipelines. Register a listener with <c>AddListener</c>.</summary>
/// <remarks>
/// Each listener gets one event at a time, in the order of the reports, on a thread of the pool and never on that of a call.
/// So it needs no locks, and a slow or throwing listener harms neither calls nor other listeners. Up to 10,000 events wait for a slow listener.
/// Further ones are dropped for it and logged, and it gets an <see cref="EventsLostEvent"/>.
/// </remarks>
public interface IResilienceListener
{
    /// <summary>Receives an event. Its type says what happened: see <see cref="PipelineEvent"/>.</summary>
    /// <param name="e">The event. Ignore types that you do not know: later versions may add some.</param>
    void OnEvent(PipelineEvent e);
}
