namespace Resilience.Polly.Benchmarks;

/// <summary>For a goal that is missed: one sentence on why it goes no lower, by the key of the goal. The page shows it while the goal is missed.</summary>
internal static class Floors
{
    public static readonly IReadOnlyDictionary<string, string> Why = new Dictionary<string, string>
    {
        ["synchronous"] =
            "The floor is about 0.23: Polly's engine takes 43 ns, two readings of the clock, without which no latency is known, 54 to 74, and the atomic operations for slot, count, " +
            "histogram and deadline about 40, of some 620 ns of the rival.",
        ["open-circuit"] =
            "The outcome keeps the stack of its exception in 56 B, and an exception that is an HttpRequestException has 136 B before its first field. Less is possible only with one exception " +
            "for all callers, which would have the request id of none and the stack of another.",
        ["two-threads"] =
            "In each call both threads write the word of the bulkhead twice and the counts of the running five seconds once: three transfers of a cache line between the cores, " +
            "which is what one exact limit and one exact count cost. Counts of their own for each thread would save one of them, for more than the 16 KB that a pipeline in use may take.",
    };
}
