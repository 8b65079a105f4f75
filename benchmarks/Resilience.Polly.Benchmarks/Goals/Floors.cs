namespace Resilience.Polly.Benchmarks;

/// <summary>For a goal that is missed: one sentence on why it goes no lower, by the key of the goal. The page shows it while the goal is missed.</summary>
internal static class Floors
{
    public static readonly IReadOnlyDictionary<string, string> Why = new Dictionary<string, string>();
}
