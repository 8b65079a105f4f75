namespace Resilience.Polly;

internal sealed class CircuitBreakerControl(PipelineRegistry registry) : ICircuitBreakerControl
{
    public void Isolate(string pipelineName)
    {
        var pipeline = registry.Get(pipelineName);
        var mode = pipeline.Settings.Options.CircuitBreaker.Mode;
        if (mode != CircuitBreakerMode.Enforce)
        {
            throw new InvalidOperationException(
                $"The circuit of pipeline '{pipeline.Name}' cannot be isolated: its CircuitBreaker:Mode is {mode}, which never " +
                $"rejects a call. Set it to {CircuitBreakerMode.Enforce} first.");
        }

        pipeline.Events.CircuitMovedByHand(pipeline.Circuit.Isolate());
    }

    public void Reset(string pipelineName)
    {
        var pipeline = registry.Get(pipelineName);
        pipeline.Events.CircuitMovedByHand(pipeline.Circuit.Reset());
    }
}
