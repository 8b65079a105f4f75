using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "Don't wait longer than read timeout" (guide: "Configuration for Pattern Harmony").</summary>
internal sealed class WaitOverRead() : AdviceRule("wait-over-read")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        // Judged by the waits that there can be: MaxWait itself bounds what a server may ask for, and may be far above them.
        var (wait, limit) = (pipeline.LongestWait, pipeline.Attempt);
        if (pipeline.HasUsersWaiting && limit != Timeout.InfiniteTimeSpan && wait > limit)
        {
            yield return On(
                pipeline, AdviceSeverity.Warning, "Retry:MaxWait", Text.Of(pipeline.Options.Retry.MaxWait),
                $"A wait can be {Text.Of(wait)}, longer than the attempt that it comes before: {pipeline.AttemptSetting} is {Text.Of(limit)}.",
                "The user's time, and the slot, go into waiting and not into trying.",
                $"at most {Text.Of(limit)}");
        }
    }
}
