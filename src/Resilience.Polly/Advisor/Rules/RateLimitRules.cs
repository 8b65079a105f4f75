using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Advice on the rate limit, which is no pattern of the guide.</summary>
internal static class RateLimitRules
{
    public static readonly AdviceRule<AdvisedPipeline>[] All = [new("rate-wait-beyond-total", WaitBeyondTotal)];

    // A call that waits for its permit until its time is over has waited in vain.
    private static AdviceFinding? WaitBeyondTotal(AdvisedPipeline pipeline)
    {
        var (rate, total) = (pipeline.Options.RateLimit, pipeline.Options.Timeout.Total);
        return !rate.IsOn || total is not { } limit || rate.MaxWait < limit ? null : new(
            AdviceSeverity.Warning, "RateLimit:MaxWait", Text.Of(rate.MaxWait),
            $"The wait for a permit may take all of Timeout:Total, which is {Text.Of(limit)}.",
            "Calls wait for a permit, get it when their time is nearly over, and time out: the dependency works in vain.",
            $"at most {Text.Of(limit / 2)}");
    }
}
