using Microsoft.Extensions.Hosting;

namespace Resilience.Polly;

/// <summary>Makes the host refuse to start with faulty settings, and logs every pipeline and every advice in one line.</summary>
internal sealed class ResilienceStartup(PipelineRegistry registry) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        registry.Describe();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
