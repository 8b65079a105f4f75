using Polly.CircuitBreaker;
using Resilience.Polly.Flow;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Health;

/// <summary>What the health check says of one pipeline.</summary>
/// <param name="Name">The name of the pipeline.</param>
/// <param name="State">The state of its circuit.</param>
/// <param name="IsCritical">Whether the application is of no use without it.</param>
/// <param name="Description">The same for people, with what matters about slots and alerts.</param>
internal sealed record PipelineHealth(string Name, CircuitState State, bool IsCritical, string Description)
{
    public static PipelineHealth Of(LivePipeline pipeline)
    {
        var circuit = pipeline.ReadCircuit();
        var slots = pipeline.Bulkhead.Read();
        var isCritical = pipeline.Settings.Options.Importance == PipelineImportance.Critical;
        var probe = circuit.TimeToProbe is { } wait && wait > TimeSpan.Zero ? $", next probe in {Text.Of(wait)}" : "";
        return new(
            pipeline.Name,
            circuit.State,
            isCritical,
            $"{pipeline.Name}{(isCritical ? " (critical)" : "")}: circuit {circuit.State}{probe}, {slots.InUse} of {slots.Limit} slots in use");
    }
}
