using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Advice on "Pattern 3: Circuit Breaker Pattern".</summary>
internal static class CircuitRules
{
    public static readonly AdviceRule<AdvisedPipeline>[] All =
    [
        new("threshold-one", ThresholdOne),
        new("one-call-opens-circuit", OneCallOpensCircuit),
        new("recovery-shorter-than-attempt", RecoveryShorterThanAttempt),
        new("circuit-not-enforced", CircuitNotEnforced),
        new("slow-call-beyond-timeout", SlowCallBeyondTimeout),
    ];

    // The guide's "Too sensitive threshold".
    private static AdviceFinding? ThresholdOne(AdvisedPipeline pipeline) =>
        !pipeline.HasCircuit || pipeline.Options.CircuitBreaker.FailureThreshold != 1 ? null : new(
            AdviceSeverity.Error, "CircuitBreaker:FailureThreshold", "1",
            "A single failure opens the circuit.",
            $"One lost packet blocks all calls to the service for {Text.Of(pipeline.Options.CircuitBreaker.RecoveryTimeout)}.",
            $"{new CircuitBreakerOptions().FailureThreshold}, or {CircuitBreakerPresets.Sensitive.FailureThreshold} to fail fast");

    // A threshold of one in disguise (guide: "Allow several retry sequences before opening").
    private static AdviceFinding? OneCallOpensCircuit(AdvisedPipeline pipeline)
    {
        var (circuit, attempts) = (pipeline.Options.CircuitBreaker, pipeline.MostAttempts);
        return !pipeline.HasCircuit || circuit is not { CountPer: CircuitCount.Attempt, FailureThreshold: > 1 } || circuit.FailureThreshold > attempts ? null : new(
            AdviceSeverity.Warning, "CircuitBreaker:FailureThreshold", $"{circuit.FailureThreshold}",
            $"Every attempt counts, and one call makes up to {attempts}: a single call opens the circuit.",
            "One request that the service cannot handle blocks all calls to it.",
            $"more than {attempts}, or CountPer = Call");
    }

    // A probe whose permit ends before its attempt (guide: "HALF_OPEN (Recovery Testing)").
    private static AdviceFinding? RecoveryShorterThanAttempt(AdvisedPipeline pipeline)
    {
        var (recovery, limit) = (pipeline.Options.CircuitBreaker.RecoveryTimeout, pipeline.Attempt);
        return !pipeline.HasCircuit || limit == Timeout.InfiniteTimeSpan || recovery >= limit ? null : new(
            AdviceSeverity.Hint, "CircuitBreaker:RecoveryTimeout", Text.Of(recovery),
            $"A probe may take {Text.Of(limit)} ({pipeline.AttemptSetting}), but no longer counts after this time.",
            "A service that is slow when it recovers answers its probes too late, and the circuit does not close.",
            $"at least {Text.Of(limit)}");
    }

    // No circuit that stops calls (guide: "Why Circuit Breakers Matter").
    private static AdviceFinding? CircuitNotEnforced(AdvisedPipeline pipeline)
    {
        var mode = pipeline.Options.CircuitBreaker.Mode;
        return mode == CircuitBreakerMode.Enforce ? null : new(
            pipeline.HasCircuit ? AdviceSeverity.Hint : AdviceSeverity.Warning, "CircuitBreaker:Mode", $"{mode}",
            pipeline.HasCircuit ? "The circuit only watches: this mode is for trying out settings." : "Nothing stops the calls to a service that is down.",
            "Each call waits for its timeouts, and the service gets no rest to recover.",
            $"{CircuitBreakerMode.Enforce}");
    }

    // A limit that no call reaches: its attempt has timed out before.
    private static AdviceFinding? SlowCallBeyondTimeout(AdvisedPipeline pipeline)
    {
        var limit = pipeline.Attempt;
        return !pipeline.HasCircuit || limit == Timeout.InfiniteTimeSpan || pipeline.Options.CircuitBreaker.SlowCallDuration is not { } slow || slow < limit ? null : new(
            AdviceSeverity.Warning, "CircuitBreaker:SlowCallDuration", Text.Of(slow),
            $"{pipeline.AttemptSetting} ends an attempt after {Text.Of(limit)}, so no answer can be that slow.",
            "Slow answers never open the circuit.",
            $"less than {Text.Of(limit)}");
    }
}
