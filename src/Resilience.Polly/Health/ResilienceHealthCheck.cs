using Microsoft.Extensions.Diagnostics.HealthChecks;
using Polly.CircuitBreaker;
using Resilience.Polly.Pipelines;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Health;

/// <summary>How well the application can reach what it calls, told by its circuits.</summary>
internal sealed class ResilienceHealthCheck(LivePipelines pipelines) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        PipelineHealth[] all = [.. pipelines.InUse.OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(PipelineHealth.Of)];
        PipelineHealth[] ill = [.. all.Where(pipeline => pipeline.State != CircuitState.Closed)];

        // The status that the application registered the check with is the worst that it can have.
        var worst = context.Registration.FailureStatus;
        var status = ill.Length == 0 ? HealthStatus.Healthy
            : ill.Any(pipeline => pipeline.IsCritical) ? worst
            : worst == HealthStatus.Unhealthy ? HealthStatus.Degraded
            : worst;

        return Task.FromResult(new HealthCheckResult(
            status,
            ill.Length == 0 ? "All circuits are closed." : $"{NameList.Of(ill.OrderByDescending(pipeline => pipeline.IsCritical).Select(pipeline => pipeline.Description), "; ")}.",
            data: all.ToDictionary(pipeline => pipeline.Name, object (pipeline) => pipeline.Description, StringComparer.OrdinalIgnoreCase)));
    }
}
