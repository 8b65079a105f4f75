namespace Resilience.Polly.Benchmarks;

/// <summary>The bound of a goal.</summary>
/// <param name="Value">A ratio, or an amount in the unit of the row.</param>
/// <param name="IsRatio">Whether the value is a ratio.</param>
/// <param name="Sign">How the figure must compare with the value.</param>
internal sealed record Bound(double Value, bool IsRatio, string Sign)
{
    public static Bound AtMostTimes(double ratio) => new(ratio, true, "<=");

    public static Bound AtLeastTimes(double ratio) => new(ratio, true, ">=");

    public static Bound AtMost(double amount) => new(amount, false, "<=");

    public static Bound BelowTimes(double ratio) => new(ratio, true, "<");

    public bool Admits(double figure) => Sign switch
    {
        "<" => figure < Value,
        "<=" => figure <= Value,
        _ => figure >= Value,
    };
}
