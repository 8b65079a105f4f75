namespace Resilience.Polly.Advisor.Rules;

/// <summary>A rule: a pure function of the settings of a pipeline and of its clients.</summary>
internal sealed record AdviceRule(string Id, Func<AdvisedPipeline, AdviceFinding?> Look);

/// <summary>The finding of a rule; see <see cref="Advice"/> for its parts.</summary>
internal sealed record AdviceFinding(AdviceSeverity Severity, string Setting, string Value, string What, string Why, string Suggestion);

/// <summary>All rules, in the order of the guide's patterns.</summary>
internal static class AdviceRules
{
    public static readonly AdviceRule[] All = [.. TimeoutRules.All, .. RetryRules.All, .. CircuitRules.All, .. BulkheadRules.All, .. RateLimitRules.All, .. PartitionRules.All];

    public static IEnumerable<string> Ids => All.Select(rule => rule.Id).Distinct().Order(StringComparer.Ordinal);

    public static bool Knows(string id) => All.Any(rule => rule.Id.Equals(id, StringComparison.OrdinalIgnoreCase));
}
