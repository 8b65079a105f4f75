using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>A total timeout that cuts the retries off (guide: "Configuration for Pattern Harmony").</summary>
internal sealed class TotalTooShort() : AdviceRule("total-too-short")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        if (!pipeline.Retries || pipeline.Options.Timeout.Total is not { } total || pipeline.Sequence is not { } sequence || total >= sequence)
        {
            yield break;
        }

        var never = total <= pipeline.Attempt + pipeline.Options.Retry.MinWait;
        yield return On(
            pipeline, never ? AdviceSeverity.Warning : AdviceSeverity.Hint, "Timeout:Total", Text.Of(total),
            never
                ? $"After an attempt that hits {pipeline.AttemptSetting}, {Text.Of(pipeline.Attempt)}, there is no time for a second one."
                : $"{pipeline.Options.Retry.MaxAttempts} attempts that time out, with their waits, take up to {Text.Of(sequence)}.",
            never
                ? "The retries are there on paper only: a service that is slow for a moment fails the call."
                : "The last attempts are cut short or not made at all.",
            $"at least {Text.Of(sequence)}, or shorter or fewer attempts");
    }
}
