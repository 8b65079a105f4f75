using Microsoft.Extensions.Hosting;

namespace Resilience.Polly;

/// <summary>Makes the host refuse to start with faulty settings, logs every pipeline and every advice in one line, looks for alerts and at the load, and works on queues while the host runs.</summary>
internal sealed class ResilienceStartup(PipelineRegistry registry, AlertWatch alerts, LoadWatch load, QueueRegistry queues) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        registry.Describe();
        alerts.Start();
        load.Start();
        queues.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await queues.StopAsync(cancellationToken).ConfigureAwait(false);
        alerts.Stop();
        load.Stop();
    }
}
