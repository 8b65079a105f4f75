using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Resilience.Polly.AspNetCore.Idempotency.Execution;
using Resilience.Polly.AspNetCore.Idempotency.Settings;

namespace Resilience.Polly.AspNetCore.Idempotency;

/// <summary>Whether the application called <c>UseIdempotency</c>.</summary>
internal sealed class IdempotencyMarker
{
    public bool IsUsed { get; set; }
}

/// <summary>Checks the options of all marked endpoints at the start of the host, when they are all there. At its end stores what could not be stored before.</summary>
internal sealed class IdempotencyLifecycle(IServiceProvider services, ClaimedCalls calls, IdempotencyMarker marker, IOptions<IdempotentEndpointOptions> defaults) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Endpoints are built, and their conventions run, when they are asked for.
        foreach (var endpoint in services.GetService<EndpointDataSource>()?.Endpoints ?? [])
        {
            if (IdempotentEndpoint.Of(endpoint, defaults.Value) is { } marked && !marker.IsUsed)
            {
                throw new InvalidOperationException(
                    $"Endpoint '{marked.Name}' requires idempotency, but the application has no middleware for it. Call app.UseIdempotency() after app.UseRouting() and "
                    + "app.UseAuthentication(), and before the endpoints.");
            }
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The server has stopped: no request comes after this.
    public Task StoppedAsync(CancellationToken cancellationToken) => calls.Kept.EndAsync();
}
