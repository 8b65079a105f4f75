using Microsoft.Extensions.Options;
using Resilience.Polly.Http.Calls;

namespace Resilience.Polly.Http.Clients;

internal sealed class ResilientClientFactory(
    IHttpClientFactory clients, IOptionsMonitor<ResilienceClientOptions> clientOptions, CurrentOptions settings)
    : IResilientClientFactory
{
    public ResilientClient CreateClient(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return clientOptions.Get(name).PipelineName is { } pipelineName
            ? new ResilientClient(name, pipelineName, clients.CreateClient(name), settings)
            : throw new KeyNotFoundException($"There is no resilient client named '{name}'. Add it with AddResilientClient(\"{name}\").");
    }
}
