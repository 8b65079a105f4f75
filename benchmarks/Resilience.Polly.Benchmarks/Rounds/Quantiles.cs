namespace Resilience.Polly.Benchmarks;

internal static class Quantiles
{
    public static double Median(IReadOnlyCollection<double> values) => At(values, 0.5);

    public static double At(IReadOnlyCollection<double> values, double share) => values.Order().ElementAt((int)((values.Count - 1) * share));
}
