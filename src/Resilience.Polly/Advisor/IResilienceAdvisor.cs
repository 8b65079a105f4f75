namespace Resilience.Polly;

/// <summary>Checks the settings in force against the guide's anti-patterns (guide: "Common Anti-Patterns to Avoid").</summary>
public interface IResilienceAdvisor
{
    /// <summary>The advice on all pipelines, also on those not used yet: the most severe first, then by the name of the pipeline, then by id.</summary>
    IReadOnlyList<Advice> GetAdvice();

    /// <summary>The advice on one pipeline, the most severe first, then by id.</summary>
    /// <param name="pipelineName">The name of the pipeline.</param>
    /// <exception cref="KeyNotFoundException">There is no such pipeline.</exception>
    IReadOnlyList<Advice> GetAdvice(string pipelineName);
}
