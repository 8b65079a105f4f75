using Microsoft.Extensions.Diagnostics.HealthChecks;
using Resilience.Polly.Health;
using Resilience.Polly.Pipelines;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the circuits to the health of an application.</summary>
public static class ResilienceHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds one check for all pipelines in use. It is Healthy while every circuit is closed, Degraded if one is not, and Unhealthy if
    /// such a pipeline has the <c>PipelineOptions.Importance</c> <c>PipelineImportance.Critical</c>.
    /// Its data has one entry for each pipeline (guide: "Monitor pattern behavior").
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">The worst status that the check may have; Unhealthy if omitted. With <see cref="HealthStatus.Degraded"/> no circuit makes the application unhealthy.</param>
    /// <param name="tags">Tags to filter checks by.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    /// <remarks>
    /// Do not use it as a liveness check: restarting an application because a service that it calls is down turns one outage into two.
    /// </remarks>
    public static IHealthChecksBuilder AddResilience(
        this IHealthChecksBuilder builder, string name = "resilience", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        builder.Services.AddResilience();
        return builder.Add(new HealthCheckRegistration(
            name, services => new ResilienceHealthCheck(services.GetRequiredService<LivePipelines>()), failureStatus, tags));
    }
}
