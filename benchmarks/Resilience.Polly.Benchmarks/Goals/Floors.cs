namespace Resilience.Polly.Benchmarks;

/// <summary>Why a missed goal goes no lower, by the key of the goal. The page shows the text while the goal is missed.</summary>
internal static class Floors
{
    public static readonly IReadOnlyDictionary<string, string> Why = new Dictionary<string, string>
    {
        ["synchronous"] =
            "The floor is about 0.23. The rival takes some 620 ns. Polly's engine takes 43 ns, and the two clock readings that a latency needs take 54 to 74. The atomic operations for slot, " +
            "count, histogram and deadline take about 40.",
        ["open-circuit"] =
            "144 B is out of reach on Polly: its outcome keeps the stack of the exception in 56 B, and an Exception has 120 B, so any exception in any outcome has 176 B or more. An " +
            "HttpRequestException has 136 B before our first field. Less would need one exception for all callers, without their request ids and with the stack of another caller.",
        ["two-threads"] =
            "In each call both threads write the state of the bulkhead twice and the counts of the current five seconds once. These are three transfers of a cache line between the cores, " +
            "the price of one exact limit and one exact count. Separate counts for each thread would save one transfer, but need more than the 16 KB that a pipeline in use may take.",
    };
}
