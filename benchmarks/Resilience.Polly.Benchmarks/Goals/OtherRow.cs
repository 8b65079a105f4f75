namespace Resilience.Polly.Benchmarks;

/// <summary>A measurement without a goal.</summary>
internal sealed record OtherRow(string Name, Spread Ratio, double Time, double RivalTime, double Bytes, double RivalBytes)
{
    public static OtherRow Of(string name, Series ours, Series rival) =>
        new(name, ours.TimeBeside(rival), ours.Time, rival.Time, Math.Round(ours.Bytes), Math.Round(rival.Bytes));
}
