using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "Fail fast if saturated" (guide: "Configuration for Pattern Harmony").</summary>
internal sealed class AcquisitionTooLong() : AdviceRule("acquisition-too-long")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var (wait, total) = (pipeline.Options.Bulkhead.AcquisitionTimeout, pipeline.Options.Timeout.Total);
        var call = pipeline.Sequence is { } sequence && !(total < sequence) ? sequence : total;
        if (pipeline.HasUsersWaiting && call / 2 is { } half && wait > half)
        {
            yield return On(
                pipeline, AdviceSeverity.Warning, "Bulkhead:AcquisitionTimeout", Text.Of(wait),
                $"It is not well below the {Text.Of(half * 2)} that a call with all its attempts may take.",
                "Overload shows as slowness, and users wait long only to be refused.",
                $"at most {Text.Of(half)}; {Text.Of(BulkheadPresets.Critical.AcquisitionTimeout)} gives a fast answer");
        }
    }
}
