namespace Resilience.Polly.Simulations;

/// <summary>More calls than a dependency can serve, by limit of the bulkhead: how many are answered within their 500 ms, of those that could be.</summary>
public static class Overload
{
    public const int Healthy = 20;
    public const int Overloaded = 120;

    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(100);

    /// <summary>30 workers of 100 ms serve 300 calls a second, and are asked for 150; then for 600.</summary>
    public static OverloadCase Step { get; } = new("step: twice the calls that can be served", IsLater => IsLater ? 600 : 150, 300, (station, _) => { }, TooHigh: 300);

    /// <summary>200 calls a second; then only 8 of the 30 workers are left, which serve 80.</summary>
    public static OverloadCase BrownOut { get; } = new("brown-out: 8 of 30 workers are left", _ => 200, 80, (station, _) => station.Workers = 8, TooHigh: 80);

    /// <summary>200 calls a second; then every worker needs 375 ms, so that they serve 80.</summary>
    public static OverloadCase SlowDown { get; } = new("slow-down: all workers need 375 ms", _ => 200, 80, (station, _) => station.Service = TimeSpan.FromMilliseconds(375), TooHigh: 80);

    public static IReadOnlyList<OverloadCase> Cases { get; } = [Step, BrownOut, SlowDown];

    public static IReadOnlyList<string> Contestants { get; } = ["fixed 20", "fixed, twice too high", "ErrorRate", "Gradient"];

    public static OverloadResult Run(OverloadCase what, string contestant, int seed)
    {
        var time = new VirtualTime();
        var random = new Random(seed);
        var station = new Station(time, random, workers: 30, Usual);
        var (pipeline, monitor) = Pipelines.Ours(time, options => Configure(options, contestant, what));
        var traffic = new Traffic(time, random, now => what.Rate(now.TotalSeconds >= Healthy), pipeline, station.ServeAsync);
        var limits = new List<int>();
        time.After(TimeSpan.FromSeconds(Healthy), () => what.Begin(station, random));
        traffic.Begin();
        for (var second = 1; second <= Healthy + Overloaded; second++)
        {
            time.RunUntil(TimeSpan.FromSeconds(second));
            limits.Add(monitor.GetSnapshot("station").Bulkhead.Limit);
        }

        return new(contestant, traffic.Answered, limits, ShareFrom(Healthy), ShareFrom(Healthy + (Overloaded / 2)));

        double ShareFrom(int second) => traffic.Answered.Sum(second, Healthy + Overloaded) / (what.Possible * (Healthy + Overloaded - second));
    }

    private static void Configure(PipelineOptions options, string contestant, OverloadCase what)
    {
        // The limit alone: no retry and no circuit that would hide it.
        (options.Retry.MaxAttempts, options.CircuitBreaker.Mode) = (1, CircuitBreakerMode.Disabled);
        options.Timeout.Attempt = Deadline;
        var bulkhead = options.Bulkhead;
        (bulkhead.MaxConcurrency, bulkhead.AcquisitionTimeout) = (20, TimeSpan.Zero);
        switch (contestant)
        {
            case "fixed 20":
                break;
            case "fixed, twice too high":
                bulkhead.MaxConcurrency = what.TooHigh;
                break;
            case "ErrorRate":
                (bulkhead.MaxConcurrency, bulkhead.Adaptive.Policy) = (30, AdaptivePolicy.ErrorRate);
                break;
            case "Gradient":
                bulkhead.Adaptive.Policy = AdaptivePolicy.Gradient;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(contestant), contestant, $"One of {string.Join(", ", Contestants)} is expected.");
        }
    }
}

/// <param name="Name">What happens.</param>
/// <param name="Rate">Calls a second, before and after it has begun.</param>
/// <param name="Possible">Calls a second that can be served from then on.</param>
/// <param name="Begin">Makes it happen.</param>
/// <param name="TooHigh">Twice the highest limit under which a call in a full line is still served within its 500 ms.</param>
public sealed record OverloadCase(string Name, Func<bool, double> Rate, double Possible, Action<Station, Random> Begin, int TooHigh);

/// <param name="Contestant">Which limit.</param>
/// <param name="Answered">Good calls by second.</param>
/// <param name="Limits">The limit at the end of each second.</param>
/// <param name="Share">Good calls during the overload, of those that were possible.</param>
/// <param name="SecondHalf">The same of the second half of it.</param>
public sealed record OverloadResult(string Contestant, PerSecond Answered, IReadOnlyList<int> Limits, double Share, double SecondHalf);
