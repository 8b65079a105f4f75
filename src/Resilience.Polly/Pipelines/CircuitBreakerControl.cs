namespace Resilience.Polly.Pipelines;

internal sealed class CircuitBreakerControl(PipelineRegistry registry) : ICircuitBreakerControl
{
    public void Isolate(string pipelineName)
    {
        var pipeline = registry.Get(pipelineName);
        var options = pipeline.Settings.Options.CircuitBreaker;
        if (options.Mode != CircuitBreakerMode.Enforce)
        {
            throw new InvalidOperationException(
                $"The circuit of pipeline '{pipeline.Name}' cannot be isolated: its CircuitBreaker:Mode is {options.Mode}, which never " +
                $"rejects a call. Set it to {CircuitBreakerMode.Enforce} first.");
        }

        pipeline.Events.CircuitMovedByHand(pipeline.Circuit.Isolate(), options.FailureThreshold);
    }

    public void Reset(string pipelineName)
    {
        var pipeline = registry.Get(pipelineName);
        pipeline.Events.CircuitMovedByHand(pipeline.Circuit.Reset(), pipeline.Settings.Options.CircuitBreaker.FailureThreshold);
    }
}
