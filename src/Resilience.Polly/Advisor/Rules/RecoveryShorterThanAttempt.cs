using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>A probe that is given up before its attempt is (guide: "HALF_OPEN (Recovery Testing)").</summary>
internal sealed class RecoveryShorterThanAttempt() : AdviceRule("recovery-shorter-than-attempt")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var (recovery, limit) = (pipeline.Options.CircuitBreaker.RecoveryTimeout, pipeline.Attempt);
        if (pipeline.HasCircuit && limit != Timeout.InfiniteTimeSpan && recovery < limit)
        {
            yield return On(
                pipeline, AdviceSeverity.Hint, "CircuitBreaker:RecoveryTimeout", Text.Of(recovery),
                $"A probe may take {Text.Of(limit)} by {pipeline.AttemptSetting}, and no longer counts after this time.",
                "A service that is slow when it comes back answers its probes too late, and the circuit does not close.",
                $"at least {Text.Of(limit)}");
        }
    }
}
