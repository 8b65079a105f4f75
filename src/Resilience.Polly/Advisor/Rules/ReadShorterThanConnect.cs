using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "Inconsistent timeout hierarchy".</summary>
internal sealed class ReadShorterThanConnect() : AdviceRule("read-shorter-than-connect")
{
    private static readonly TimeSpan UsualConnect = new TimeoutOptions().Connect;

    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var timeout = pipeline.Options.Timeout;

        // A delegate has no connect phase: where no HTTP client is known, only a Connect that somebody has set says anything.
        var connects = pipeline.Clients.Count > 0 || timeout.Connect != UsualConnect;
        if (connects && timeout.Read != Timeout.InfiniteTimeSpan && timeout.Read < timeout.Connect)
        {
            yield return On(
                pipeline, AdviceSeverity.Error, "Timeout:Read", Text.Of(timeout.Read),
                $"It is shorter than Timeout:Connect, which is {Text.Of(timeout.Connect)}.",
                "A service that cannot be reached holds its callers for longer than one that is slow may.",
                $"at least {Text.Of(timeout.Connect)}, or a Timeout:Connect of at most {Text.Of(timeout.Read)}");
        }
    }
}
