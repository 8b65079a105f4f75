using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Waits that neither grow nor differ: the guide's "Fixed timing" (guide: "Retry Anti-Patterns").</summary>
internal sealed class ConstantWait() : AdviceRule("constant-wait")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var retry = pipeline.Options.Retry;
        if (!pipeline.Retries || retry.MinWait == TimeSpan.Zero)
        {
            yield break;
        }

        if (retry.MinWait == retry.MaxWait)
        {
            yield return On(
                pipeline, AdviceSeverity.Warning, "Retry:MinWait", Text.Of(retry.MinWait),
                "It is MaxWait too, so that every wait is the same, and jitter has no room.",
                "Callers that failed together try again together, as often as at first.",
                $"at most {Text.Of(retry.MaxWait / 4)}, or a longer MaxWait");
        }
        else if (retry.Multiplier == 1 && retry.MaxAttempts > 2)
        {
            yield return On(
                pipeline, AdviceSeverity.Warning, "Retry:Multiplier", "1",
                "The waits do not grow.",
                "Each further failure makes a longer trouble likelier, and a service in trouble is asked as often as at first.",
                "2");
        }
    }
}
