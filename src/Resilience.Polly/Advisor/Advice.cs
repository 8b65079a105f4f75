namespace Resilience.Polly;

/// <summary>One thing about the settings of a pipeline that could be better (guide: "Common Anti-Patterns to Avoid").</summary>
public sealed record Advice
{
    /// <summary>Which rule it comes from, such as <c>jitter-off</c>. Never changes, so that it can be accepted by it.</summary>
    public required string Id { get; init; }

    /// <summary>How much it matters.</summary>
    public required AdviceSeverity Severity { get; init; }

    /// <summary>The pipeline whose settings earn it.</summary>
    public required string PipelineName { get; init; }

    /// <summary>The setting to change, as its key below the pipeline, such as <c>Retry:Jitter</c>; <c>Failures</c> and <c>Clients</c> for what is set in code.</summary>
    public required string Setting { get; init; }

    /// <summary>The value in force, such as <c>30 s</c>.</summary>
    public required string Value { get; init; }

    /// <summary>What is wrong with it, a sentence.</summary>
    public required string What { get; init; }

    /// <summary>Why that does harm, a sentence.</summary>
    public required string Why { get; init; }

    /// <summary>The better value, such as <c>at least 10 s</c>.</summary>
    public required string Suggestion { get; init; }

    /// <summary>All of it in one line.</summary>
    public override string ToString() =>
        $"{Severity} {Id}: pipeline '{PipelineName}', {Setting} = {Value}. {What} {Why} Better: {Suggestion}.";
}
