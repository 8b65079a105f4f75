namespace Resilience.Polly.Benchmarks;

/// <summary>What a goal asks for.</summary>
/// <param name="Value">A ratio, or an amount in the unit of the row.</param>
/// <param name="IsRatio">Which of them.</param>
/// <param name="IsLeast">Whether more is better.</param>
internal sealed record Bound(double Value, bool IsRatio, bool IsLeast)
{
    public static Bound AtMostTimes(double ratio) => new(ratio, true, false);

    public static Bound AtLeastTimes(double ratio) => new(ratio, true, true);

    public static Bound AtMost(double amount) => new(amount, false, false);
}
