namespace Resilience.Polly.Simulations;

/// <summary>How the time that a worker needs varies from call to call.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Draw">The time of one call, as a multiple of the average.</param>
public sealed record ServiceTimes(string Name, Func<Random, double> Draw)
{
    /// <summary>A fifth more or less.</summary>
    public static ServiceTimes Steady { get; } = new("steady", random => 0.8 + (0.4 * random.NextDouble()));

    /// <summary>Exponential: one of seven takes more than twice the average.</summary>
    public static ServiceTimes Exponential { get; } = new("exponential", random => -Math.Log(1 - random.NextDouble()));

    /// <summary>Lognormal with sigma 0.5: one of thirty takes more than twice the average.</summary>
    public static ServiceTimes Lognormal { get; } = new("lognormal", random => LogNormal(random, 0.5));

    /// <summary>Lognormal with sigma 1.2: the middle one takes half of the average, one of a hundred eight times as long.</summary>
    public static ServiceTimes HeavyTail { get; } = new("heavy tail", random => LogNormal(random, 1.2));

    private static double LogNormal(Random random, double sigma) => Math.Exp((sigma * Normal(random)) - (sigma * sigma / 2));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
