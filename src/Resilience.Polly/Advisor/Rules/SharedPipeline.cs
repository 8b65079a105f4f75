using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "No resource isolation".</summary>
internal sealed class SharedPipeline() : AdviceRule("shared-pipeline")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        if (pipeline.Clients.Count > 1)
        {
            // Only a hint: two clients of one service may well share its pipeline, and where a client sends to is not known here.
            yield return On(
                pipeline, AdviceSeverity.Hint, "Clients", NameList.Of(pipeline.Clients),
                $"{pipeline.Clients.Count} HTTP clients share slots and circuit.",
                "If they call different services, the slowest takes the slots of the others, and the one that is down opens their circuit.",
                "a pipeline for each service, BasedOn a common one");
        }
    }
}
