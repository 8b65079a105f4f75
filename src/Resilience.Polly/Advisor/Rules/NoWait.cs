using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Retries that come at once (guide: "Exponential Backoff Strategy").</summary>
internal sealed class NoWait() : AdviceRule("no-wait")
{
    // Less than a round trip to a service close by, a garbage collection or a lost packet takes.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var wait = pipeline.Options.Retry.MinWait;
        if (pipeline.Retries && wait < Shortest)
        {
            yield return On(
                pipeline, AdviceSeverity.Warning, "Retry:MinWait", Text.Of(wait),
                "The attempts follow each other at once.",
                "What made the first one fail is still there, and a service in trouble gets all attempts in one burst.",
                $"{Text.Of(RetryPresets.Conservative.MinWait)}");
        }
    }
}
