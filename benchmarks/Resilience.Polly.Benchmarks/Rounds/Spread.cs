namespace Resilience.Polly.Benchmarks;

/// <summary>A ratio: the median of the rounds, and the quarters below and above it, which say how far it can be trusted.</summary>
internal sealed record Spread(double Median, double Low, double High)
{
    public static Spread Of(IReadOnlyCollection<double> ratios) => new(Quantiles.Median(ratios), Quantiles.At(ratios, 0.25), Quantiles.At(ratios, 0.75));

    /// <summary>The same comparison the other way round: calls per second instead of time.</summary>
    public Spread Inverse() => new(1 / Median, 1 / High, 1 / Low);
}
