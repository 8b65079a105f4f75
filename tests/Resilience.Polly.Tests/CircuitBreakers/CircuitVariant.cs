namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>The settings of one random sequence.</summary>
internal sealed record CircuitVariant(int Threshold, TimeSpan Recovery, CircuitBreakerMode Mode, CircuitCount CountPer, int MaxAttempts)
{
    private static readonly Answer[] Answers = Enum.GetValues<Answer>();

    public bool Enforces => Mode == CircuitBreakerMode.Enforce;

    public static CircuitVariant Draw(Random random) => new(
        random.Next(1, 6),
        random.Next(6) switch
        {
            0 => TimeSpan.FromMilliseconds(10),
            1 => TimeSpan.FromSeconds(1),
            2 => TimeSpan.FromSeconds(30),
            3 => TimeSpan.FromDays(1),

            // Lengths that no binary fraction holds exactly.
            4 => TimeSpan.FromMilliseconds(random.Next(10, 10_000)),
            _ => TimeSpan.FromTicks(random.NextInt64(TimeSpan.FromMilliseconds(10).Ticks, TimeSpan.FromHours(1).Ticks)),
        },
        random.Next(3) == 0 ? CircuitBreakerMode.Observe : CircuitBreakerMode.Enforce,
        random.Next(3) == 0 ? CircuitCount.Attempt : CircuitCount.Call,
        random.Next(2) == 0 ? 1 : 3);

    public void Configure(PipelineOptions options)
    {
        options.CircuitBreaker.FailureThreshold = Threshold;
        options.CircuitBreaker.RecoveryTimeout = Recovery;
        options.CircuitBreaker.Mode = Mode;
        options.CircuitBreaker.CountPer = CountPer;
        options.Retry.MaxAttempts = MaxAttempts;
        options.Retry.MinWait = options.Retry.MaxWait = TimeSpan.Zero; // so that an attempt follows another at once
        options.Retry.Budget.Enabled = false;
        options.Bulkhead.MaxConcurrency = 1000;
        options.Timeout.Read = Timeout.InfiniteTimeSpan; // the clock moves, and held calls shall not end by it
    }

    /// <summary>Mostly to the very moment at which something changes, and one tick to either side of it.</summary>
    public TimeSpan DrawTime(Random random, TimeSpan? timeToProbe) => (random.Next(8), timeToProbe) switch
    {
        (0 or 1, { } left) => left,
        (2, { } left) => TimeSpan.FromTicks(Math.Max(left.Ticks - 1, 0)),
        (3, { } left) => left + TimeSpan.FromTicks(1),
        (4, _) => TimeSpan.FromTicks(1),
        (5, _) => Recovery,
        _ => Recovery * (random.NextDouble() * 1.5),
    };

    /// <summary>Failures more often than the rest together, or circuits would hardly open.</summary>
    public static Answer DrawAnswer(Random random) =>
        random.Next(2) == 0 ? Answers[random.Next(1, 4)] : Answers[random.Next(Answers.Length)];
}
