using Microsoft.Extensions.Configuration;

namespace Resilience.Polly.Configuration;

/// <summary>What the application registered for its pipelines, in its order.</summary>
internal sealed class ResilienceRegistrations
{
    public List<IConfigurationSection> Sections { get; } = [];

    public List<CodePipeline> CodePipelines { get; } = [];

    public List<CodeQueue> CodeQueues { get; } = [];

    /// <summary>Whether a debugger is attached; <see langword="null"/> if timeouts do not care.</summary>
    public Func<bool>? IsDebugging { get; set; }

    /// <summary>The advice that is refused like a fault; none if not set.</summary>
    public AdvicePolicy? AdvicePolicy { get; set; }
}

internal sealed record CodePipeline(string Name, string? BasedOn, Action<PipelineOptions, IServiceProvider>? Configure, PipelineStrategies? Strategies);

internal sealed record CodeQueue(string Name, Action<QueueOptions> Configure);

/// <summary>Decides which advice is refused like a fault.</summary>
internal sealed record AdvicePolicy(AdviceSeverity AtLeast, IReadOnlyCollection<string> Except)
{
    /// <exception cref="ResilienceConfigurationException">There is advice to refuse; all of it is listed.</exception>
    public void ThrowIfRefused(IEnumerable<Advice> earned)
    {
        Advice[] refused = [.. earned.Where(Refuses)];
        if (refused.Length > 0)
        {
            throw new ResilienceConfigurationException(
                "The resilience settings earn advice that FailOnAdvice refuses:", [.. refused.Select(advice => advice.ToString())]);
        }
    }

    private bool Refuses(Advice advice) => advice.Severity >= AtLeast && !Except.Contains(advice.Id, StringComparer.OrdinalIgnoreCase);
}
