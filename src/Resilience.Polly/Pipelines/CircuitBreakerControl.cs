namespace Resilience.Polly.Pipelines;

internal sealed class CircuitBreakerControl(PipelineRegistry registry) : ICircuitBreakerControl
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public void Isolate(string pipelineName, TimeSpan? duration = null)
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

        pipeline.Events.CircuitMovedByHand(pipeline.Circuit.Isolate(duration));
    }

    public void Reset(string pipelineName)
    {
        var pipeline = registry.Get(pipelineName);
        pipeline.Events.CircuitMovedByHand(pipeline.Circuit.Reset());
    }
}
