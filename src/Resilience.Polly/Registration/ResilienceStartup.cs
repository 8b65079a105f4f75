using Microsoft.Extensions.Hosting;
using Resilience.Polly.Events;
using Resilience.Polly.Pipelines;
using Resilience.Polly.Primitives;
using Resilience.Polly.Queues;

namespace Resilience.Polly.Registration;

/// <summary>
/// Refuses to start the host with faulty settings, and logs every pipeline and every advice in one line. While the host runs, it checks
/// alerts, idle partitions, the load and advice from the calls once a second, and runs the queues.
/// </summary>
internal sealed class ResilienceStartup(PipelineRegistry registry, LivePipelines pipelines, LoadWatch load, AdviceWatch advice, QueueRegistry queues, SharedStateHost shared, ApplicationServices application)
    : IHostedService, IDisposable
{
    private readonly PeriodicWork _looks = new(
        application.Clock, TimeSpan.FromSeconds(1), failure => Log.PeriodicWorkFailed(application.Logger, failure),
        () => Look(pipelines), registry.ForgetIdle, registry.FollowDebugger, load.Look, advice.Look);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        registry.Describe();
        shared.Start();
        _looks.Start();
        queues.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await queues.StopAsync(cancellationToken).ConfigureAwait(false);
        await shared.StopAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await _looks.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _looks.Dispose();

    private static void Look(LivePipelines pipelines)
    {
        foreach (var pipeline in pipelines.InUse)
        {
            pipeline.Look();
        }
    }
}
