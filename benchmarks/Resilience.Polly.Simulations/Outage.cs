using Polly;

namespace Resilience.Polly.Simulations;

/// <summary>A dependency that is away for a minute, and comes back: what callers put on it meanwhile, and when they are served again.</summary>
public static class Outage
{
    public const int Healthy = 20;
    public const int Away = 60;
    public const int After = 60;

    private const double CallsPerSecond = 50;

    public static IReadOnlyList<string> Contestants { get; } = ["bare retries", "Polly's standard set", "ours, budget alone", "ours"];

    public static OutageResult Run(string contestant, Station.Health kind, int seed)
    {
        var time = new VirtualTime();
        var random = new Random(seed);
        var station = new Station(time, random, workers: 20, TimeSpan.FromMilliseconds(100));
        var traffic = new Traffic(time, random, _ => CallsPerSecond, PipelineOf(contestant, time), station.ServeAsync);
        time.After(TimeSpan.FromSeconds(Healthy), () => station.State = kind);
        time.After(TimeSpan.FromSeconds(Healthy + Away), () => station.State = Station.Health.Well);
        traffic.Begin();
        time.RunUntil(TimeSpan.FromSeconds(Healthy + Away + After + 35)); // the last calls end

        return new(
            contestant,
            station.Attempts,
            (double)station.Attempts.Sum(Healthy, Healthy + Away) / traffic.Begun.Sum(Healthy, Healthy + Away),
            Enumerable.Range(Healthy + Away, 10).Max(station.Attempts.Of),
            FullServiceAfter(traffic));
    }

    private static ResiliencePipeline PipelineOf(string contestant, VirtualTime time) => contestant switch
    {
        "bare retries" => Pipelines.BareRetries(time),
        "Polly's standard set" => Pipelines.StandardSet(time),
        // So many slots that the retry budget is seen alone.
        "ours, budget alone" => Pipelines.Ours(time, o => (o.CircuitBreaker.Mode, o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (CircuitBreakerMode.Disabled, 1_000, TimeSpan.Zero)).Pipeline,
        "ours" => Pipelines.Ours(time, o => o.Bulkhead.AcquisitionTimeout = TimeSpan.Zero).Pipeline,
        _ => throw new ArgumentOutOfRangeException(nameof(contestant), contestant, $"One of {string.Join(", ", Contestants)} is expected."),
    };

    // The first second after the return from which on every call of five seconds is served.
    private static int? FullServiceAfter(Traffic traffic)
    {
        for (var second = Healthy + Away; second < Healthy + Away + After - 5; second++)
        {
            if (traffic.Good.Sum(second, second + 5) == traffic.Begun.Sum(second, second + 5))
            {
                return second - Healthy - Away;
            }
        }

        return null;
    }
}

/// <param name="Contestant">Which pipeline.</param>
/// <param name="Attempts">What arrived at the dependency.</param>
/// <param name="AttemptsPerCall">Attempts during the outage for each call that began in it.</param>
/// <param name="MostAfter">The most attempts of a second, in the ten seconds after the return; there are 50 calls a second.</param>
/// <param name="FullServiceAfter">Seconds from the return to full service; none within a minute.</param>
public sealed record OutageResult(string Contestant, PerSecond Attempts, double AttemptsPerCall, int MostAfter, int? FullServiceAfter);
