using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "Timeouts longer than user patience".</summary>
internal sealed class ReadTooLong() : AdviceRule("read-too-long")
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What the guide grants satellite links; beyond it there is no network to blame.
    private static readonly TimeSpan Longest = TimeoutPresets.HighLatency.Read;

    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var (setting, limit) = pipeline.Options.Timeout.Total is { } total && (pipeline.Attempt == Timeout.InfiniteTimeSpan || total < pipeline.Attempt)
            ? ("Timeout:Total", total)
            : (pipeline.AttemptSetting, pipeline.Attempt);
        if (pipeline.HasUsersWaiting && limit > Patience)
        {
            yield return On(
                pipeline, limit > Longest ? AdviceSeverity.Error : AdviceSeverity.Hint, setting, Text.Of(limit),
                "A user waits for that long before a hanging attempt is given up.",
                "Users leave or press the button again, and the calls that they left go on holding slots.",
                $"at most {Text.Of(Patience)}, or Importance = Background where no user waits");
        }
    }
}
