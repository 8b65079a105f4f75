namespace Resilience.Polly.Advisor.Rules;

/// <summary>A rule: a pure function of the settings of a pipeline and its clients, or of the calls of the last minute.</summary>
internal sealed record AdviceRule<T>(string Id, Func<T, AdviceFinding?> Look);

/// <summary>The finding of a rule; see <see cref="Advice"/> for its parts.</summary>
internal sealed record AdviceFinding(AdviceSeverity Severity, string Setting, string Value, string What, string Why, string Suggestion)
{
    public Advice ToAdvice(string id, string pipelineName, bool isObserved = false) => new()
    {
        Id = id, PipelineName = pipelineName, Severity = Severity, Setting = Setting, Value = Value, What = What, Why = Why, Suggestion = Suggestion, IsObserved = isObserved,
    };
}

/// <summary>All rules, in the order of the guide's patterns.</summary>
internal static class AdviceRules
{
    public static readonly AdviceRule<AdvisedPipeline>[] All = [.. TimeoutRules.All, .. RetryRules.All, .. CircuitRules.All, .. BulkheadRules.All, .. RateLimitRules.All, .. PartitionRules.All];

    public static IEnumerable<string> Ids => All.Select(rule => rule.Id).Distinct().Order(StringComparer.Ordinal);

    public static bool Knows(string id) => All.Any(rule => rule.Id.Equals(id, StringComparison.OrdinalIgnoreCase));
}
