using Polly.CircuitBreaker;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>A pipeline whose circuit opens after three failures, for half a minute.</summary>
internal static class CircuitApp
{
    public static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    public static TestPipelines App(Action<PipelineOptions>? more = null) => TestPipelines.Of(o =>
    {
        o.Retry.MaxAttempts = 1;
        o.CircuitBreaker.FailureThreshold = 3;
        o.CircuitBreaker.RecoveryTimeout = Recovery;
        more?.Invoke(o);
    });

    public static async Task OpenAsync(TestPipelines app)
    {
        for (var i = 0; i < 3; i++)
        {
            await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        }

        Assert.Equal(CircuitState.Open, app.Snapshot.CircuitBreaker.State);
    }
}
