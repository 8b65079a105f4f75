using Microsoft.Extensions.Hosting;

namespace Resilience.Polly;

/// <summary>Makes the host refuse to start with faulty settings, logs every pipeline and every advice in one line, and looks for alerts and at the load while the host runs.</summary>
internal sealed class ResilienceStartup(PipelineRegistry registry, AlertWatch alerts, LoadWatch load) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        registry.Describe();
        alerts.Start();
        load.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        alerts.Stop();
        load.Stop();
        return Task.CompletedTask;
    }
}
