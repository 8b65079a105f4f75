using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "Too sensitive threshold".</summary>
internal sealed class ThresholdOne() : AdviceRule("threshold-one")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        if (pipeline.HasCircuit && pipeline.Options.CircuitBreaker.FailureThreshold == 1)
        {
            yield return On(
                pipeline, AdviceSeverity.Error, "CircuitBreaker:FailureThreshold", "1",
                "A single failure opens the circuit.",
                $"One lost packet makes the service unavailable to everybody for {Text.Of(pipeline.Options.CircuitBreaker.RecoveryTimeout)}.",
                $"{new CircuitBreakerOptions().FailureThreshold}, or {CircuitBreakerPresets.Sensitive.FailureThreshold} to fail fast");
        }
    }
}
