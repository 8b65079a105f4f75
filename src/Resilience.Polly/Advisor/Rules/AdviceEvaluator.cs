using Microsoft.Extensions.Logging;
using Resilience.Polly.Configuration;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Asks every rule about every pipeline.</summary>
internal sealed class AdviceEvaluator(IEnumerable<PipelineUse> uses)
{
    private readonly ILookup<string, string> _clients =
        uses.ToLookup(use => use.PipelineName, use => use.Client, StringComparer.OrdinalIgnoreCase);

    /// <summary>The advice on the pipelines, the worst first.</summary>
    public IReadOnlyList<Advice> On(IEnumerable<NamedOptions> pipelines) => [.. InOrder(pipelines.SelectMany(pipeline => On(pipeline.Name, pipeline.Options)))];

    public static IEnumerable<Advice> InOrder(IEnumerable<Advice> advice) => advice
        .OrderByDescending(one => one.Severity)
        .ThenBy(one => one.PipelineName, StringComparer.OrdinalIgnoreCase)
        .ThenBy(one => one.Id, StringComparer.Ordinal);

    /// <summary>The advice that a change of settings brings. Advice that was earned before with another value is not new.</summary>
    public IReadOnlyList<Advice> New(string name, PipelineOptions? old, PipelineOptions fresh)
    {
        var known = old is null ? [] : On(name, old).Select(Key).ToHashSet();
        return [.. On([new(name, fresh)]).Where(advice => !known.Contains(Key(advice)))];
    }

    private IEnumerable<Advice> On(string name, PipelineOptions options)
    {
        var pipeline = new AdvisedPipeline(name, options, [.. _clients[name].Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
        foreach (var rule in AdviceRules.All)
        {
            if (rule.Look(pipeline) is { } finding)
            {
                yield return finding.ToAdvice(rule.Id, name);
            }
        }
    }

    private static (string, string, AdviceSeverity) Key(Advice advice) => (advice.Id, advice.Setting, advice.Severity);
}

internal static partial class AdviceLog
{
    public static void Earned(ILogger logger, Advice advice)
    {
        switch (advice.Severity)
        {
            case AdviceSeverity.Hint:
                AdviceHint(logger, advice);
                break;
            case AdviceSeverity.Warning:
                AdviceWarning(logger, advice);
                break;
            default:
                AdviceError(logger, advice);
                break;
        }
    }

    [LoggerMessage(10, LogLevel.Information, "Advice: {Advice}")]
    private static partial void AdviceHint(ILogger logger, Advice advice);

    [LoggerMessage(11, LogLevel.Warning, "Advice: {Advice}")]
    private static partial void AdviceWarning(ILogger logger, Advice advice);

    // Nothing has failed yet, so it is no error in the log.
    [LoggerMessage(12, LogLevel.Warning, "Advice: {Advice}")]
    private static partial void AdviceError(ILogger logger, Advice advice);
}
