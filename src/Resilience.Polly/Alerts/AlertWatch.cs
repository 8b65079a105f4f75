namespace Resilience.Polly;

/// <summary>Looks at every pipeline in use once a second while the host runs, whether or not anybody asks for its state.</summary>
internal sealed class AlertWatch : IDisposable
{
    private readonly Pulse _pulse;

    public AlertWatch(LivePipelines pipelines, Surroundings surroundings) => _pulse = new Pulse(surroundings.Clock, () =>
    {
        foreach (var pipeline in pipelines.InUse)
        {
            pipeline.Alerts.Evaluate();
        }
    });

    public void Start() => _pulse.Start();

    public void Stop() => _pulse.Stop();

    public void Dispose() => _pulse.Dispose();
}
