namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "No jitter (thundering herd)".</summary>
internal sealed class JitterOff() : AdviceRule("jitter-off")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        if (pipeline.Retries && !pipeline.Options.Retry.Jitter)
        {
            yield return On(
                pipeline, AdviceSeverity.Error, "Retry:Jitter", "false",
                "Callers that failed together try again together.",
                "A thousand retries at the same moment keep a service down that was about to recover.",
                "true");
        }
    }
}
