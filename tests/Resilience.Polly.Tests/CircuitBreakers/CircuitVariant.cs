namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>The settings of one random sequence.</summary>
internal sealed record CircuitVariant(CircuitBreakerOptions Circuit, int MaxAttempts)
{
    private static readonly Answer[] Answers = Enum.GetValues<Answer>();

    public bool Enforces => Circuit.Mode == CircuitBreakerMode.Enforce;

    public CircuitCount CountPer => Circuit.CountPer;

    public static CircuitVariant Draw(Random random)
    {
        var circuit = new CircuitBreakerOptions
        {
            FailureThreshold = random.Next(1, 6),
            RecoveryTimeout = random.Next(6) switch
            {
                0 => TimeSpan.FromMilliseconds(10),
                1 => TimeSpan.FromSeconds(1),
                2 => TimeSpan.FromSeconds(30),
                3 => TimeSpan.FromHours(1),

                // Lengths that no binary fraction holds exactly.
                4 => TimeSpan.FromMilliseconds(random.Next(10, 10_000)),
                _ => TimeSpan.FromTicks(random.NextInt64(TimeSpan.FromMilliseconds(10).Ticks, TimeSpan.FromHours(1).Ticks)),
            },
            Mode = random.Next(3) == 0 ? CircuitBreakerMode.Observe : CircuitBreakerMode.Enforce,
            CountPer = random.Next(3) == 0 ? CircuitCount.Attempt : CircuitCount.Call,
        };
        if (random.Next(2) == 0)
        {
            DrawRatios(random, circuit);
        }

        if (random.Next(3) == 0)
        {
            (circuit.RecoveryMultiplier, circuit.MaxRecoveryTimeout) = (random.Next(1, 4), circuit.RecoveryTimeout * random.Next(1, 8));
        }

        circuit.Probes = random.Next(3) == 0 ? random.Next(1, 4) : 1;
        return new(circuit, random.Next(2) == 0 ? 1 : 3);
    }

    public void Configure(PipelineOptions options)
    {
        options.CircuitBreaker = Circuit;
        options.Retry.MaxAttempts = MaxAttempts;
        options.Retry.MinWait = options.Retry.MaxWait = TimeSpan.Zero; // so that an attempt follows another at once
        options.Retry.Budget.Enabled = false;
        options.Bulkhead.MaxConcurrency = 1000;
        options.Timeout.Read = Timeout.InfiniteTimeSpan; // the clock moves, and held calls shall not end by it
    }

    // Windows of the length of the break, so that the steps of time meet the ends of both.
    private static void DrawRatios(Random random, CircuitBreakerOptions circuit)
    {
        circuit.SamplingDuration = TimeSpan.FromTicks(Math.Clamp(circuit.RecoveryTimeout.Ticks * random.Next(1, 4), TimeSpan.FromSeconds(1).Ticks, TimeSpan.FromHours(1).Ticks));
        circuit.MinimumThroughput = random.Next(2, 7);
        circuit.FailureThreshold = random.Next(2) == 0 ? null : circuit.FailureThreshold;
        circuit.FailureRatio = random.Next(3) > 0 ? random.Next(1, 5) / 4.0 : null;
        if (circuit.FailureRatio is null || random.Next(2) == 0)
        {
            (circuit.SlowCallDuration, circuit.SlowCallRatio) = (circuit.RecoveryTimeout / random.Next(1, 4), random.Next(1, 5) / 4.0);
        }
    }

    /// <summary>Mostly to the very moment at which something changes, and one tick to either side of it.</summary>
    public TimeSpan DrawTime(Random random, TimeSpan? timeToProbe) => (random.Next(9), timeToProbe) switch
    {
        (0 or 1, { } left) => left,
        (2, { } left) => TimeSpan.FromTicks(Math.Max(left.Ticks - 1, 0)),
        (3, { } left) => left + TimeSpan.FromTicks(1),
        (4, _) => TimeSpan.FromTicks(1),
        (5, _) => Circuit.RecoveryTimeout,
        (6, _) => Circuit.SamplingDuration / 10,
        _ => Circuit.RecoveryTimeout * (random.NextDouble() * 1.5),
    };

    /// <summary>Failures more often than the rest together, or circuits would hardly open.</summary>
    public static Answer DrawAnswer(Random random) =>
        random.Next(2) == 0 ? Answers[random.Next(1, 4)] : Answers[random.Next(Answers.Length)];
}
