namespace Resilience.Polly;

/// <summary>Looks at every pipeline in use once a second while the host runs, whether or not anybody asks for its state.</summary>
internal sealed class AlertWatch(LivePipelines pipelines, Surroundings surroundings) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _looking = new();
    private ITimer? _timer;

    public void Start()
    {
        // Without the context of whoever starts the host, which would live on in the timer.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = surroundings.Clock.CreateTimer(_ => Look(), null, Interval, Interval);
        }
    }

    public void Stop() => _timer?.Dispose();

    public void Dispose() => Stop();

    private void Look()
    {
        // On a machine so busy that the last look is not over yet, one of the two is enough.
        if (!_looking.TryEnter())
        {
            return;
        }

        try
        {
            foreach (var pipeline in pipelines.InUse)
            {
                pipeline.Alerts.Evaluate();
            }
        }
        finally
        {
            _looking.Exit();
        }
    }
}
