namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "Bulkhead too small".</summary>
internal sealed class OneSlot() : AdviceRule("one-slot")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        if (pipeline.Options.Bulkhead.MaxConcurrency == 1)
        {
            yield return On(
                pipeline, AdviceSeverity.Error, "Bulkhead:MaxConcurrency", "1",
                "All calls wait for each other.",
                "One slow call holds up all others, its retries and their waits included.",
                $"at least {BulkheadPresets.Background.MaxConcurrency}, usually {BulkheadPresets.Standard.MaxConcurrency}");
        }
    }
}
