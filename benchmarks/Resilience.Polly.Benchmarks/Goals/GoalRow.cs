namespace Resilience.Polly.Benchmarks;

/// <summary>One figure with a goal. The rounded figure is judged, so the page agrees with itself.</summary>
/// <param name="Name">What is compared.</param>
/// <param name="Ratio">Ours to the rival's, if there is a rival.</param>
/// <param name="Ours">The amount.</param>
/// <param name="Rival">The rival's.</param>
/// <param name="Unit">Of both.</param>
/// <param name="Bound">The goal.</param>
internal sealed record GoalRow(string Name, Spread? Ratio, double Ours, double? Rival, Unit Unit, Bound Bound)
{
    public double Measured => Math.Round(Bound.IsRatio ? Ratio!.Median : Ours, 2);

    public bool IsMet => Bound.Admits(Measured);

    public string Goal => $"{Bound.Sign} {Text(Bound.Value)}";

    public string MissedBy => Text(Math.Abs(Measured - Bound.Value));

    public static GoalRow Time(string name, Series ours, Series rival, Bound bound) =>
        new(name, ours.TimeBeside(rival), ours.Time, rival.Time, Unit.Nanoseconds, bound);

    public static GoalRow Bytes(string name, Series ours, Series rival, Bound bound) =>
        new(name, Fixed(ours.Bytes, rival.Bytes), Math.Round(ours.Bytes), Math.Round(rival.Bytes), Unit.Bytes, bound);

    /// <summary>A ratio of amounts that do not vary.</summary>
    public static Spread? Fixed(double ours, double rival) => rival < 0.5 ? null : new(ours / rival, ours / rival, ours / rival);

    private string Text(double value) => Bound.IsRatio ? $"{UnitText.Ratio(value)} x" : UnitText.Of(value, Unit);
}
