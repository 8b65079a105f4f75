namespace Resilience.Polly.Benchmarks;

/// <summary>For a goal that is missed: one sentence on why it goes no lower, by the key of the goal. The page shows it while the goal is missed.</summary>
internal static class Floors
{
    public static readonly IReadOnlyDictionary<string, string> Why = new Dictionary<string, string>
    {
        ["synchronous"] =
            "An empty pipeline of Polly with its timeout alone, two readings of the clock, without which no latency is known, and the four atomic operations for slot, " +
            "count and histogram take about 0.37 of the rival's time before a line of logic; Polly's timeout is needed, since nobody else can give a context another token.",
        ["two-threads"] =
            "In each call both threads write the word of the bulkhead twice and the counts of the running five seconds once: three transfers of a cache line between the cores, " +
            "which is what one exact limit and one exact count cost. Counts of their own for each thread would save one of them, for more than the 16 KB that a pipeline in use may take.",
    };
}
