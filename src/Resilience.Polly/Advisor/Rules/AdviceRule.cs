namespace Resilience.Polly.Advisor.Rules;

/// <summary>One thing to look for: a pure function of the settings of a pipeline and of who uses it.</summary>
internal abstract class AdviceRule(string id)
{
    public string Id => id;

    public abstract IEnumerable<Advice> Check(AdvisedPipeline pipeline);

    protected Advice On(
        AdvisedPipeline pipeline, AdviceSeverity severity, string setting, string value, string what, string why, string suggestion) => new()
        {
            Id = id,
            Severity = severity,
            PipelineName = pipeline.Name,
            Setting = setting,
            Value = value,
            What = what,
            Why = why,
            Suggestion = suggestion,
        };
}
