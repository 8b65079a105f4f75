namespace Resilience.Polly;

/// <summary>One thing about the settings of a pipeline that could be better, by the settings alone or for the calls that it has (guide: "Common Anti-Patterns to Avoid").</summary>
public sealed class Advice
{
    /// <summary>The id of its rule, such as <c>jitter-off</c>. It never changes, so you can accept advice by it.</summary>
    public required string Id { get; init; }

    /// <summary>How much it matters.</summary>
    public required AdviceSeverity Severity { get; init; }

    /// <summary>The pipeline whose settings earn it.</summary>
    public required string PipelineName { get; init; }

    /// <summary>The setting to change, as its key below the pipeline, such as <c>Retry:Jitter</c>; <c>Failures</c> and <c>Clients</c> for things set in code.</summary>
    public required string Setting { get; init; }

    /// <summary>The value in force, such as <c>30 s</c>.</summary>
    public required string Value { get; init; }

    /// <summary>What is wrong with it, in a sentence.</summary>
    public required string What { get; init; }

    /// <summary>Why that does harm, in a sentence.</summary>
    public required string Why { get; init; }

    /// <summary>The better value, such as <c>at least 10 s</c>.</summary>
    public required string Suggestion { get; init; }

    /// <summary>Whether it comes from the calls of the last minute. If not, it comes from the settings alone.</summary>
    public bool IsObserved { get; init; }

    /// <summary>All of it in one line.</summary>
    public override string ToString() =>
        $"{Severity} {Id}: pipeline '{PipelineName}', {Setting} = {Value}. {What} {Why} Better: {Suggestion}.";
}

/// <summary>How much an advice matters.</summary>
public enum AdviceSeverity
{
    /// <summary>Worth a look: there are good reasons to leave it as it is.</summary>
    Hint,

    /// <summary>The settings work against each other, or against waiting users.</summary>
    Warning,

    /// <summary>One of the guide's anti-patterns, which will hurt in production (guide: "Common Anti-Patterns to Avoid").</summary>
    Error,
}

/// <summary>
/// Checks the settings in force against the guide's anti-patterns (guide: "Common Anti-Patterns to Avoid"), and, while the host runs, against the calls of the last minute.
/// </summary>
public interface IResilienceAdvisor
{
    /// <summary>The advice on all pipelines, including unused ones: the most severe first, then by the name of the pipeline, then by id.</summary>
    IReadOnlyList<Advice> GetAdvice();

    /// <summary>Those of them that come from the calls of the last minute (<see cref="Advice.IsObserved"/>). Costs nothing, and is the same list until it changes.</summary>
    IReadOnlyList<Advice> GetObservedAdvice();

    /// <summary>The advice on one pipeline, the most severe first, then by id.</summary>
    /// <param name="pipelineName">The name of the pipeline.</param>
    /// <exception cref="KeyNotFoundException">There is no such pipeline.</exception>
    IReadOnlyList<Advice> GetAdvice(string pipelineName);
}
