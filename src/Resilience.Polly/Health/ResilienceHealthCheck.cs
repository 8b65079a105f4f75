using Microsoft.Extensions.Diagnostics.HealthChecks;
using Polly.CircuitBreaker;
using Resilience.Polly.Flow;
using Resilience.Polly.Pipelines;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Health;

/// <summary>How well the application can reach its dependencies, according to its circuits.</summary>
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
            : ill.Any(pipeline => pipeline is { IsCritical: true, IsDown: true }) ? worst
            : worst == HealthStatus.Unhealthy ? HealthStatus.Degraded
            : worst;

        return Task.FromResult(new HealthCheckResult(
            status,
            ill.Length == 0 ? "All circuits are closed." : $"{NameList.Of(ill.OrderByDescending(pipeline => pipeline.IsCritical).Select(pipeline => pipeline.Description), "; ")}.",
            data: all.ToDictionary(pipeline => pipeline.Name, object (pipeline) => pipeline.Description, StringComparer.OrdinalIgnoreCase)));
    }
}

/// <summary>The result of the health check for one pipeline.</summary>
/// <param name="Name">The name of the pipeline.</param>
/// <param name="State">The state of its circuit, or of the worst one of its partitions.</param>
/// <param name="IsCritical">Whether the application is useless without it.</param>
/// <param name="IsDown">Whether its calls are rejected: all of them, or those of so many partitions that the fault is on this side.</param>
/// <param name="Description">The same for people, with notes on slots and alerts.</param>
internal sealed record PipelineHealth(string Name, CircuitState State, bool IsCritical, bool IsDown, string Description)
{
    public static PipelineHealth Of(LivePipeline pipeline)
    {
        var options = pipeline.Settings.Options;
        var worst = pipeline.WorstCircuit();
        var circuit = worst.ReadCircuit(options);
        var slots = pipeline.ReadBulkhead();
        var isCritical = options.Importance == PipelineImportance.Critical;
        var isDown = circuit.State != CircuitState.Closed && (pipeline.Partitions is not { Count: > 0 and var all, Open: var open } || open >= all * options.MaxOpenShare);
        var probe = circuit.TimeToProbe is { } wait && wait > TimeSpan.Zero ? $", next probe in {Text.Of(wait)}" : "";
        var partitions = pipeline.Partitions is { Count: > 0 } some ? $" ({worst.Key ?? "no partition"}; {some.Open} of {some.Count} partitions open)" : "";
        return new(
            pipeline.Name,
            circuit.State,
            isCritical,
            isDown,
            $"{pipeline.Name}{(isCritical ? " (critical)" : "")}: circuit {circuit.State}{partitions}{OriginOf(circuit)}{probe}, {slots.InUse} of {slots.Limit} slots in use{(slots.Shared is { } shared ? $" of this instance, which shares {shared.MaxConcurrency}" : "")}");
    }

    // Whether all instances are concerned, or this one only.
    private static string OriginOf(CircuitBreakerSnapshot circuit) => circuit switch
    {
        { Shared: null } or { State: CircuitState.Closed, Shared.IsAlone: false } => "",
        { Shared.IsAlone: true } => " (this instance alone, the shared state does not answer)",
        { Shared.State: CircuitState.Closed } => " (this instance only)",
        _ => $" (all instances, by {circuit.Shared.ChangedBy})",
    };
}
