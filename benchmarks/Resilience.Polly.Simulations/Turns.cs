namespace Resilience.Polly.Simulations;

/// <summary>A dependency that is down and well in turns: how many calls are good under breaks of one length, and under breaks that lengthen.</summary>
public static class Turns
{
    private const int Seconds = 1_200;
    private const double CallsPerSecond = 50;

    public static IReadOnlyList<string> Contestants { get; } = ["breaks of 30 s", "2 s to 30 s, x 2", "2 s to 30 s, x 1.25", "breaks of 2 s", "no circuit"];

    /// <summary>How long a turn is, in seconds.</summary>
    public static IReadOnlyList<int> Lengths { get; } = [10, 60];

    /// <param name="contestant">Which circuit.</param>
    /// <param name="turn">How long the dependency is down, and well, each time, in seconds.</param>
    /// <param name="retries">Whether calls have the three attempts of the defaults, or one.</param>
    /// <param name="seed">Of the arrivals, and of the waits of retries.</param>
    public static TurnsResult Run(string contestant, int turn, bool retries, int seed)
    {
        var time = new VirtualTime();
        var random = new Random(seed);
        var station = new Station(time, random, workers: 100, TimeSpan.FromMilliseconds(100));
        var (pipeline, _) = Pipelines.Ours(time, o =>
        {
            // So many slots that the circuit is seen alone.
            (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout, o.Retry.MaxAttempts) = (10_000, TimeSpan.Zero, retries ? 3 : 1);
            Configure(contestant, o.CircuitBreaker);
        });
        var traffic = new Traffic(time, random, _ => CallsPerSecond, pipeline, station.ServeAsync);
        for (var second = turn; second < Seconds; second += turn)
        {
            var isDown = second / turn % 2 == 1;
            time.After(TimeSpan.FromSeconds(second), () => station.State = isDown ? Station.Health.Down : Station.Health.Well);
        }

        traffic.Begin();
        time.RunUntil(TimeSpan.FromSeconds(Seconds));
        var (good, goodWhileWell, whileWell, failedAttempts) = (0, 0, 0, 0);
        for (var second = 0; second < Seconds; second++)
        {
            var isWell = second / turn % 2 == 0;
            good += traffic.Good.Of(second);
            goodWhileWell += isWell ? traffic.Good.Of(second) : 0;
            failedAttempts += isWell ? 0 : station.Attempts.Of(second);
            whileWell += isWell ? traffic.Begun.Of(second) : 0;
        }

        return new((double)good / traffic.Begun.Sum(0, Seconds), (double)goodWhileWell / whileWell, (double)failedAttempts / (Seconds / 60.0));
    }

    private static void Configure(string contestant, CircuitBreakerOptions circuit)
    {
        var (mode, recovery, multiplier) = contestant switch
        {
            "breaks of 30 s" => (CircuitBreakerMode.Enforce, 30, 1.0),
            "2 s to 30 s, x 2" => (CircuitBreakerMode.Enforce, 2, 2.0),
            "2 s to 30 s, x 1.25" => (CircuitBreakerMode.Enforce, 2, 1.25),
            "breaks of 2 s" => (CircuitBreakerMode.Enforce, 2, 1.0),
            "no circuit" => (CircuitBreakerMode.Disabled, 30, 1.0),
            _ => throw new ArgumentOutOfRangeException(nameof(contestant), contestant, $"One of {string.Join(", ", Contestants)} is expected."),
        };
        (circuit.Mode, circuit.RecoveryTimeout, circuit.RecoveryMultiplier, circuit.MaxRecoveryTimeout) =
            (mode, TimeSpan.FromSeconds(recovery), multiplier, TimeSpan.FromSeconds(30));
    }
}

/// <param name="OfAll">Good calls as a share of all calls. Half of all begin while the dependency is down.</param>
/// <param name="WhileWell">Good calls as a share of those that begin while the dependency is well.</param>
/// <param name="AttemptsWhileDown">Attempts a minute that came while it was down.</param>
public sealed record TurnsResult(double OfAll, double WhileWell, double AttemptsWhileDown);
