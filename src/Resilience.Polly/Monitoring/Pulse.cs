namespace Resilience.Polly;

/// <summary>Has something done once a second, from the start of the host to its stop.</summary>
internal sealed class Pulse(TimeProvider clock, Action beat) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _beating = new();
    private ITimer? _timer;

    public void Start()
    {
        // Without the context of whoever starts the host, which would live on in the timer.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = clock.CreateTimer(_ => Beat(), null, Interval, Interval);
        }
    }

    public void Stop() => _timer?.Dispose();

    public void Dispose() => Stop();

    private void Beat()
    {
        // On a machine so busy that the last one is not over yet, one of the two is enough.
        if (!_beating.TryEnter())
        {
            return;
        }

        try
        {
            beat();
        }
        finally
        {
            _beating.Exit();
        }
    }
}
