using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>All settings of one named pipeline: the guide's <c>ClientConfig</c>.</summary>
/// <remarks>
/// The values of a pipeline come from these layers; a later layer overrides an earlier one: the defaults of these classes,
/// the section <c>Defaults</c>, the pipeline named by <see cref="BasedOn"/>, the pipeline's own section, and code.
/// </remarks>
public sealed class PipelineOptions
{
    internal static readonly SettingsBlock<PipelineOptions> Settings = new SettingsBlock<PipelineOptions>()
        .Add(nameof(BasedOn), Kinds.PipelineName, o => o.BasedOn, (o, v) => o.BasedOn = v)
        .Add(nameof(BaseAddress), new AddressKind(), o => o.BaseAddress, (o, v) => o.BaseAddress = v)
        .Add(nameof(MapExceptions), Kinds.Switch, o => o.MapExceptions, (o, v) => o.MapExceptions = v)
        .Add(nameof(Importance), new ChoiceKind<PipelineImportance>(), o => o.Importance, (o, v) => o.Importance = v)
        .Add(nameof(PartitionBy), new ChoiceKind<PartitionBy>(), o => o.PartitionBy, (o, v) => o.PartitionBy = v)
        .Add(nameof(MaxPartitions), new NumberKind<int>(1, 100_000), o => o.MaxPartitions, (o, v) => o.MaxPartitions = v)
        .Add(nameof(MaxOpenShare), Kinds.Share, o => o.MaxOpenShare, (o, v) => o.MaxOpenShare = v)
        .Add(nameof(PartitionIdleTimeout), new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), o => o.PartitionIdleTimeout, (o, v) => o.PartitionIdleTimeout = v)
        .Add(nameof(PartitionMetrics), Kinds.Switch, o => o.PartitionMetrics, (o, v) => o.PartitionMetrics = v)
        .AddBlock(nameof(Timeout), TimeoutOptions.Settings, o => o.Timeout, (o, v) => o.Timeout = v)
        .AddBlock(nameof(Retry), RetryOptions.Settings, o => o.Retry, (o, v) => o.Retry = v)
        .AddBlock(nameof(CircuitBreaker), CircuitBreakerOptions.Settings, o => o.CircuitBreaker, (o, v) => o.CircuitBreaker = v)
        .AddBlock(nameof(Bulkhead), BulkheadOptions.Settings, o => o.Bulkhead, (o, v) => o.Bulkhead = v)
        .AddBlock(nameof(RateLimit), RateLimitOptions.Settings, o => o.RateLimit, (o, v) => o.RateLimit = v)
        .AddBlock(nameof(LoadShedding), LoadSheddingOptions.Settings, o => o.LoadShedding, (o, v) => o.LoadShedding = v)
        .AddBlock(nameof(Idempotency), IdempotencyOptions.Settings, o => o.Idempotency, (o, v) => o.Idempotency = v)
        .AddBlock(nameof(Alerts), AlertOptions.Settings, o => o.Alerts, (o, v) => o.Alerts = v)
        .AddBlock(nameof(Chaos), ChaosOptions.Settings, o => o.Chaos, (o, v) => o.Chaos = v)
        .AddInCode((left, right) => left.Failures.Rules.SequenceEqual(right.Failures.Rules), o => o._failures = new() { Rules = o._failures.Rules });

    private FailureOptions _failures = new();

    /// <summary>The pipeline whose settings this one starts from. Set in the configuration, or by the argument <c>basedOn</c> of <c>AddPipeline</c>.</summary>
    /// <value>The name of a pipeline, or <see langword="null"/> to start from the defaults; the default is <see langword="null"/>.</value>
    public string? BasedOn { get; internal set; }

    /// <summary>Where HTTP clients of this name send relative addresses.</summary>
    /// <value>An absolute http or https address without credentials, or <see langword="null"/>; the default is <see langword="null"/>.</value>
    public Uri? BaseAddress { get; set; }

    /// <summary>Whether failures reach the caller as the guide's exceptions (<see cref="ApiCallException"/>); otherwise it gets Polly's exceptions and the
    /// original ones.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool MapExceptions { get; set; } = true;

    /// <summary>Who is affected when calls fail. Advice on settings and the health check use it (guide: "Per-Service Bulkheads").</summary>
    /// <value>Background, Standard, Critical; the default is <see cref="PipelineImportance.Standard"/>.</value>
    public PipelineImportance Importance { get; set; } = PipelineImportance.Standard;

    /// <summary>
    /// What divides the pipeline into partitions. Each has its own circuit, slots, retry budget, rate limit and statistics, so a dead host or a noisy tenant does not affect the others. A
    /// <see cref="CallProperties.Partition"/> of the call comes before the authority of its request.
    /// </summary>
    /// <value>None, Key, Authority; the default is <see cref="PartitionBy.None"/>.</value>
    public PartitionBy PartitionBy { get; set; }

    /// <summary>The most partitions at once. Calls of further keys share one, and an event says so.</summary>
    /// <value>A number of 1 to 100000; the default is 1000.</value>
    public int MaxPartitions { get; set; } = 1_000;

    /// <summary>
    /// The share of the partitions whose circuits may be open at once, if there are 4 or more. Beyond it further circuits stay closed, and an event says so: if most hosts fail together, the fault is
    /// probably on this side.
    /// </summary>
    /// <value>A number of 0 to 1; the default is 0.5. 1 sets no limit.</value>
    public double MaxOpenShare { get; set; } = 0.5;

    /// <summary>The time without calls after which a partition is forgotten. One is kept for a minute at least, and while it has calls inside or its circuit is not closed.</summary>
    /// <value>A duration of 00:00:01 to 1.00:00:00; the default is 10 minutes.</value>
    public TimeSpan PartitionIdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether metrics have a tag for the partition. Then each partition makes its own time series.</summary>
    /// <value>true or false; the default is <see langword="false"/>.</value>
    public bool PartitionMetrics { get; set; }

    /// <summary>How long a call may take.</summary>
    public TimeoutOptions Timeout { get; set; } = new();

    /// <summary>How often a failed attempt is repeated.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>When calls to a failing dependency stop.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; set; } = new();

    /// <summary>How many calls may be inside at once.</summary>
    public BulkheadOptions Bulkhead { get; set; } = new();

    /// <summary>How many attempts per time may reach the dependency; not limited unless it is set.</summary>
    public RateLimitOptions RateLimit { get; set; } = new();

    /// <summary>Which calls are rejected while the machine is overloaded.</summary>
    public LoadSheddingOptions LoadShedding { get; set; } = new();

    /// <summary>How HTTP calls carry an id, so that their service can recognise a repetition.</summary>
    public IdempotencyOptions Idempotency { get; set; } = new();

    /// <summary>When a person should look.</summary>
    public AlertOptions Alerts { get; set; } = new();

    /// <summary>Which attempts fail on purpose; none unless it is enabled.</summary>
    public ChaosOptions Chaos { get; set; } = new();

    /// <summary>What counts as a failure, in addition to the built-in rules. Set in code only.</summary>
    public FailureOptions Failures => _failures;

    /// <summary>Every setting with its value, for people to read: <c>Retry:MaxAttempts</c>, <c>3</c>. Names and values are written as in the configuration.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ListSettings() => [.. Settings.List(this)];
}

/// <summary>What divides a pipeline into partitions.</summary>
public enum PartitionBy
{
    /// <summary>Nothing: all calls share one state, whatever partition they name.</summary>
    None,

    /// <summary>The key of the call (<see cref="CallProperties.Partition"/>). Calls without one share a state.</summary>
    Key,

    /// <summary>The same; an HTTP request without a key uses its scheme, host and port, such as <c>https://api.example:443</c>.</summary>
    Authority,
}

/// <summary>Who is affected when a dependency fails (guide: "Per-Service Bulkheads"). Health check and advice use it.</summary>
/// <remarks><see cref="CallPriority"/> is about one call: which calls are shed first in overload.</remarks>
public enum PipelineImportance
{
    /// <summary>No user waits for the calls: they may take minutes and be retried often.</summary>
    Background,

    /// <summary>A user waits, but you can leave out a failed answer or replace it by a fallback.</summary>
    Standard,

    /// <summary>A user waits, and the application cannot do its job without these calls: while their circuit is open it is unhealthy.</summary>
    Critical,
}
