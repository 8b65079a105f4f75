using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>A phase that may take longer than the guide allows for satellite links (guide: "Timeout Configuration Guidelines").</summary>
internal sealed class PhaseTooLong() : AdviceRule("phase-too-long")
{
    private static readonly TimeoutOptions Longest = TimeoutPresets.HighLatency;

    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var now = pipeline.Options.Timeout;
        foreach (var (phase, limit, longest) in new[]
        {
            ("Connect", now.Connect, Longest.Connect),
            ("Write", now.Write, Longest.Write),
            ("Pool", now.Pool, Longest.Pool),
        })
        {
            // Without an outer limit an infinite phase is the matter of another rule.
            if (limit == Timeout.InfiniteTimeSpan ? pipeline.HasOuterLimit : limit > longest)
            {
                yield return On(
                    pipeline, AdviceSeverity.Hint, $"Timeout:{phase}", Text.Of(limit),
                    "It is longer than the slowest networks need.",
                    "A phase that hangs is found out late, and its call holds a slot meanwhile.",
                    $"at most {Text.Of(longest)}");
            }
        }

        if (now.Read == Timeout.InfiniteTimeSpan && pipeline.HasOuterLimit)
        {
            yield return On(
                pipeline, AdviceSeverity.Hint, "Timeout:Read", Text.Of(now.Read),
                "Only Timeout:Attempt or Timeout:Total ends a call to a service that is silent.",
                "A service that hangs cannot be told from one that is at work.",
                $"at most {Text.Of(Longest.Read)}");
        }
    }
}
