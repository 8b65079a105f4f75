using Resilience.Polly.Advisor.Rules;

namespace Resilience.Polly.Pipelines;

internal sealed class ResilienceAdvisor(PipelineRegistry registry, AdviceEvaluator book) : IResilienceAdvisor
{
    public IReadOnlyList<Advice> GetAdvice() => book.On(registry.InForce);

    public IReadOnlyList<Advice> GetAdvice(string pipelineName) => book.On([registry.OptionsOf(pipelineName)]);
}
