using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.Flow;

namespace Resilience.Polly.Pipelines;

internal sealed class CircuitBreakerControl(PipelineRegistry registry) : ICircuitBreakerControl
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public void Isolate(string pipelineName, TimeSpan? duration = null, string? partition = null)
    {
        if (duration is { } time && (time <= TimeSpan.Zero || time > Longest))
        {
            throw new ArgumentOutOfRangeException(nameof(duration), time, $"A circuit is isolated for more than zero and at most {Longest.TotalDays} days, or without end where no duration is given.");
        }

        var pipeline = registry.Get(pipelineName);
        var options = pipeline.Settings.Options.CircuitBreaker;
        if (options.Mode != CircuitBreakerMode.Enforce)
        {
            throw new InvalidOperationException(
                $"The circuit of pipeline '{pipeline.Name}' cannot be isolated: its CircuitBreaker:Mode is {options.Mode}, which never " +
                $"rejects a call. Set it to {CircuitBreakerMode.Enforce} first.");
        }

        Move(pipeline, partition, circuit => circuit.Isolate(duration), partitions => partitions.Isolate(duration));
    }

    public void Reset(string pipelineName, string? partition = null) =>
        Move(registry.Get(pipelineName), partition, circuit => circuit.Reset(), partitions => partitions.Reset());

    private static void Move(
        LivePipeline pipeline, string? partition, Func<CircuitBreaker, CircuitStateChangedEvent?> move, Action<PipelinePartitions> moveAll)
    {
        var moved = partition is null ? pipeline.Shared
            : pipeline.Partitions?.Find(partition) ?? throw new KeyNotFoundException($"Pipeline '{pipeline.Name}' has no partition '{partition}' now.");
        moved.Events.CircuitMoved(move(moved.Circuit));
        if (partition is null && pipeline.Partitions is { } partitions)
        {
            moveAll(partitions);
        }
    }
}
