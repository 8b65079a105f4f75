using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Advice on "Pattern 4: Bulkhead Pattern".</summary>
internal static class BulkheadRules
{
    public static readonly AdviceRule<AdvisedPipeline>[] All = [new("one-slot", OneSlot), new("acquisition-too-long", AcquisitionTooLong), new("shared-pipeline", SharedPipeline)];

    // The guide's "Bulkhead too small".
    private static AdviceFinding? OneSlot(AdvisedPipeline pipeline) =>
        pipeline.Options.Bulkhead.MaxConcurrency != 1 ? null : new(
            AdviceSeverity.Error, "Bulkhead:MaxConcurrency", "1",
            "All calls wait for each other.",
            "One slow call, with its retries and waits, holds up all others.",
            $"at least {BulkheadPresets.Background.MaxConcurrency}, usually {BulkheadPresets.Standard.MaxConcurrency}");

    // The guide's "Fail fast if saturated" (guide: "Configuration for Pattern Harmony").
    private static AdviceFinding? AcquisitionTooLong(AdvisedPipeline pipeline)
    {
        var (wait, total) = (pipeline.Options.Bulkhead.AcquisitionTimeout, pipeline.Options.Timeout.Total);
        var call = pipeline.Sequence is { } sequence && !(total < sequence) ? sequence : total;
        return !pipeline.HasUsersWaiting || call / 2 is not { } half || wait <= half ? null : new(
            AdviceSeverity.Warning, "Bulkhead:AcquisitionTimeout", Text.Of(wait),
            $"It is not well below the {Text.Of(half * 2)} that a call with all its attempts may take.",
            "Overload shows as slowness, and users wait long only to be refused.",
            $"at most {Text.Of(half)}; {Text.Of(BulkheadPresets.Critical.AcquisitionTimeout)} gives a fast answer");
    }

    // The guide's "No resource isolation". Only a hint: two clients of one service may well share its pipeline, and the addresses of a client are unknown here.
    private static AdviceFinding? SharedPipeline(AdvisedPipeline pipeline) =>
        pipeline.Clients.Count <= 1 || pipeline.Options.PartitionBy == PartitionBy.Authority ? null : new(
            AdviceSeverity.Hint, "Clients", NameList.Of(pipeline.Clients),
            $"{pipeline.Clients.Count} HTTP clients share slots and circuit.",
            "If they call different services, the slowest takes the slots of the others, and one that is down opens their circuit.",
            "a pipeline for each service, BasedOn a common one, or PartitionBy Authority");
}
