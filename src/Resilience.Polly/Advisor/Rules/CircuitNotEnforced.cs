namespace Resilience.Polly.Advisor.Rules;

/// <summary>No circuit that stops calls (guide: "Why Circuit Breakers Matter").</summary>
internal sealed class CircuitNotEnforced() : AdviceRule("circuit-not-enforced")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var mode = pipeline.Options.CircuitBreaker.Mode;
        if (mode != CircuitBreakerMode.Enforce)
        {
            yield return On(
                pipeline, mode == CircuitBreakerMode.Disabled ? AdviceSeverity.Warning : AdviceSeverity.Hint, "CircuitBreaker:Mode", $"{mode}",
                mode == CircuitBreakerMode.Disabled ? "Nothing stops the calls to a service that is down." : "The circuit only watches: it is meant for trying out.",
                "Each call waits for its timeouts, and the service gets no rest to recover in.",
                $"{CircuitBreakerMode.Enforce}");
        }
    }
}
