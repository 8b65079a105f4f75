using System.Globalization;

namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>The settings of a part of a random sequence.</summary>
internal sealed record BulkheadVariant(int Limit, TimeSpan Acquisition, int? MaxQueue)
{
    public string Json => $$"""
        { "Pipelines": { "payments": { "Bulkhead": {
            "MaxConcurrency": {{Limit}},
            "AcquisitionTimeout": "{{Acquisition}}",
            "MaxQueue": {{MaxQueue?.ToString(CultureInfo.InvariantCulture) ?? "null"}} } } } }
        """;

    public static BulkheadVariant Draw(Random random) =>
        new(random.Next(1, 7), TimeSpan.FromMilliseconds(random.Next(5) * 700), random.Next(3) == 0 ? random.Next(5) : null);

    /// <summary>Mostly to the very moment at which a waiter loses patience, and one tick to either side of it.</summary>
    public static TimeSpan DrawTime(Random random, TimeSpan? nextTimeout) => (random.Next(4), nextTimeout) switch
    {
        (0, { } next) => next,
        (1, { } next) => next - TimeSpan.FromTicks(1),
        (2, { } next) => next + TimeSpan.FromTicks(1),
        _ => TimeSpan.FromMilliseconds(random.Next(1, 3000)),
    };
}
