namespace Resilience.Polly.Advisor.Rules;

/// <summary>A threshold of one in disguise (guide: "Allow several retry sequences before opening").</summary>
internal sealed class OneCallOpensCircuit() : AdviceRule("one-call-opens-circuit")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var (circuit, attempts) = (pipeline.Options.CircuitBreaker, pipeline.Options.Retry.MaxAttempts);
        if (pipeline.HasCircuit && circuit is { CountPer: CircuitCount.Attempt, FailureThreshold: > 1 } && circuit.FailureThreshold <= attempts)
        {
            yield return On(
                pipeline, AdviceSeverity.Warning, "CircuitBreaker:FailureThreshold", $"{circuit.FailureThreshold}",
                $"Every attempt counts, and one call makes up to {attempts}: a single call opens the circuit.",
                "One request that the service cannot take makes it unavailable to everybody.",
                $"more than {attempts}, or CountPer = Call");
        }
    }
}
