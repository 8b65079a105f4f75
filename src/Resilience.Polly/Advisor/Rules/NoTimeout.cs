using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "No timeouts at all".</summary>
internal sealed class NoTimeout() : AdviceRule("no-timeout")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        if (pipeline.HasOuterLimit)
        {
            yield break;
        }

        var (now, usual) = (pipeline.Options.Timeout, new TimeoutOptions());
        foreach (var (phase, limit, better) in new[]
        {
            ("Connect", now.Connect, usual.Connect),
            ("Read", now.Read, usual.Read),
            ("Write", now.Write, usual.Write),
            ("Pool", now.Pool, usual.Pool),
        })
        {
            if (limit == Timeout.InfiniteTimeSpan)
            {
                yield return On(
                    pipeline, AdviceSeverity.Error, $"Timeout:{phase}", Text.Of(limit),
                    "Nothing ends a call that hangs there, since Attempt and Total are not set either.",
                    "Such calls keep their slots and connections until somebody restarts something.",
                    $"{Text.Of(better)}, or a Timeout:Total");
            }
        }
    }
}
