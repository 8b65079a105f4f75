using System.Text.RegularExpressions;
using Polly.Testing;

namespace Resilience.Polly.Strategies;

/// <summary>The name of a strategy for people: <c>rate limiter</c> for Polly's <c>RateLimiter</c>.</summary>
internal static partial class StrategyName
{
    private static readonly string[] Endings = ["ResilienceStrategy", "Strategy"];

    /// <summary>The name in its options, or its type if it has none; for a named pipeline inside another one, its name.</summary>
    public static string Of(ResilienceStrategyDescriptor strategy) => (strategy.Options?.Name, strategy.StrategyInstance) switch
    {
        (_, INamedPipeline pipeline) => $"pipeline {pipeline.PipelineName}",
        ({ Length: > 0 } name, _) => Words(name),
        (_, var instance) => Words(WithoutEnding(instance.GetType().Name)),
    };

    // A name that is already written as words stays as it is.
    private static string Words(string name) => name.All(char.IsAsciiLetter) ? Humps().Replace(name, " $0").TrimStart().ToLowerInvariant() : name;

    private static string WithoutEnding(string type)
    {
        var ending = Array.Find(Endings, ending => type.Length > ending.Length && type.EndsWith(ending, StringComparison.Ordinal));
        return type[..^(ending?.Length ?? 0)];
    }

    [GeneratedRegex("[A-Z](?=[a-z])")]
    private static partial Regex Humps();
}

/// <summary>The strategy that holds a named pipeline. Inside another pipeline it has the name of its pipeline.</summary>
internal interface INamedPipeline
{
    string PipelineName { get; }
}
