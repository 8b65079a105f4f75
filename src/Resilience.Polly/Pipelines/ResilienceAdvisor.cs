using Resilience.Polly.Advisor.Rules;

namespace Resilience.Polly.Pipelines;

internal sealed class ResilienceAdvisor(PipelineRegistry registry, AdviceEvaluator book, AdviceWatch watch) : IResilienceAdvisor
{
    public IReadOnlyList<Advice> GetAdvice() => With(book.On(registry.InForce), watch.Advice);

    public IReadOnlyList<Advice> GetObservedAdvice() => watch.Advice;

    public IReadOnlyList<Advice> GetAdvice(string pipelineName)
    {
        var options = registry.OptionsOf(pipelineName);
        return With(book.On([options]), [.. watch.Advice.Where(advice => advice.PipelineName == options.Name)]);
    }

    private static IReadOnlyList<Advice> With(IReadOnlyList<Advice> settings, IReadOnlyList<Advice> observed) =>
        observed.Count == 0 ? settings : [.. AdviceEvaluator.InOrder(settings.Concat(observed))];
}
