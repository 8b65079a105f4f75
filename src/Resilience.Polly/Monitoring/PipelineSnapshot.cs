using Resilience.Polly.Pipelines.Options;

namespace Resilience.Polly;

/// <summary>What one pipeline is doing at one moment. It is a copy: it never changes, and changing it has no effect.</summary>
public sealed class PipelineSnapshot
{
    private readonly PipelineOptions? _inForce;
    private PipelineOptions? _options;

    /// <summary>The name of the pipeline.</summary>
    public required string Name { get; init; }

    /// <summary>The moment, by the wall clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The circuit.</summary>
    public required CircuitBreakerSnapshot CircuitBreaker { get; init; }

    /// <summary>The slots.</summary>
    public required BulkheadSnapshot Bulkhead { get; init; }

    /// <summary>The rate limit; <see langword="null"/> if the rate is not limited.</summary>
    public RateLimitSnapshot? RateLimit { get; init; }

    /// <summary>The calls that ended in the last minute. It moves in steps of 5 seconds, so these are the last 55 to 60 seconds.</summary>
    public required CallCounts Calls { get; init; }

    /// <summary>The calls that ended since the pipeline was first used.</summary>
    public required CallCounts Lifetime { get; init; }

    /// <summary>How long the calls of the last minute took.</summary>
    public required LatencySnapshot Latency { get; init; }

    /// <summary>The balance of the retry budget; <see langword="null"/> if the budget is off.</summary>
    public RetryBudgetSnapshot? RetryBudget { get; init; }

    /// <summary>
    /// The partitions, ordered by key; empty if the pipeline has none. If it has some, <see cref="CircuitBreaker"/>, <see cref="Bulkhead"/>, <see cref="RateLimit"/> and
    /// <see cref="RetryBudget"/> above are those of the worst partition, and <see cref="Calls"/>, <see cref="Lifetime"/> and <see cref="Latency"/> those of all together.
    /// </summary>
    public IReadOnlyList<PartitionSnapshot> Partitions { get; init; } = [];

    /// <summary>How many circuits of the partitions are open or half-open.</summary>
    public int OpenCircuits { get; init; }

    /// <summary>Why calls are shed now, such as <c>CPU at 92 %, above 80 %</c>; <see langword="null"/> while none are.</summary>
    public string? Overload { get; init; }

    /// <summary>The raised alerts.</summary>
    public required IReadOnlyList<Alert> Alerts { get; init; }

    /// <summary>The settings in force.</summary>
    public required PipelineOptions Options { get => LazyInitializer.EnsureInitialized(ref _options, () => PipelineOptions.Settings.Copy(_inForce!)); init => _options = value; }

    /// <summary>The names of the application's strategies around the call, outermost first; empty if it has added none.</summary>
    public IReadOnlyList<string> StrategiesAroundCall { get; init; } = [];

    /// <summary>The names of the application's strategies around each attempt, outermost first; empty if it has added none.</summary>
    public IReadOnlyList<string> StrategiesAroundAttempt { get; init; } = [];

    /// <summary>Source of <see cref="Options"/>: settings that only this object holds, copied on first read.</summary>
    internal PipelineOptions InForce { init => _inForce = value; }

    /// <summary>
    /// The pipeline in one line, outermost strategy first, those of the application in brackets:
    /// <c>payments: [rate limiter] > bulkhead 30 (1 s) > circuit 5/30 s > retry 3 (1-10 s, jitter) > timeout 15 s</c>.
    /// </summary>
    public override string ToString() => PipelineSummary.Of(Name, Options, StrategiesAroundCall, StrategiesAroundAttempt);
}
