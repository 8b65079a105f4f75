using Microsoft.Extensions.Hosting;

namespace Resilience.Polly;

/// <summary>Makes the host refuse to start with faulty settings, logs every pipeline and every advice in one line, and looks for alerts and works on queues while the host runs.</summary>
internal sealed class ResilienceStartup(PipelineRegistry registry, AlertWatch alerts, QueueRegistry queues) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        registry.Describe();
        alerts.Start();
        queues.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await queues.StopAsync(cancellationToken).ConfigureAwait(false);
        alerts.Stop();
    }
}
