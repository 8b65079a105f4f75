namespace Resilience.Polly.Tests.Chaos;

/// <summary>Pipelines with chaos, one attempt a call and no circuit unless a test says otherwise.</summary>
internal static class ChaosApp
{
    public static TestPipelines Of(Action<ChaosOptions> chaos, Action<PipelineOptions>? more = null, params IResilienceListener[] listeners) => TestPipelines.Of(
        o =>
        {
            o.Retry.MaxAttempts = 1;
            o.Retry.MinWait = TimeSpan.Zero;
            o.Retry.Budget.Enabled = false;
            o.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
            (o.Chaos.Enabled, o.Chaos.AllowInProduction) = (true, true);
            chaos(o.Chaos);
            more?.Invoke(o);
        },
        null,
        listeners);
}
