namespace Resilience.Polly.AspNetCore;

/// <summary>What a page is told of an advice.</summary>
internal sealed record AdviceState(
    string Id, string Severity, string Pipeline, string Setting, string Value, string What, string Why, string Suggestion)
{
    public static AdviceState Of(Advice advice) => new(
        advice.Id, advice.Severity.ToString(), advice.PipelineName, advice.Setting, advice.Value, advice.What, advice.Why, advice.Suggestion);
}
