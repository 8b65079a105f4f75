using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.Events;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Strategies;
using Resilience.Polly.Timeouts;

namespace Resilience.Polly.Flow;

/// <summary>
/// One version of the settings of a pipeline, prepared for calls. It never changes: a reload replaces it,
/// and a call keeps the one that it began with.
/// </summary>
internal sealed class ActiveOptions(
    string pipelineName, PipelineOptions options, AddedStrategies strategies, IReadOnlyList<IFailureClassifier> registered, PipelineEvents events, TimeProvider clock)
{
    public PipelineOptions Options => options;

    public OutcomeRules Outcomes { get; } =
        new(pipelineName, new(options.Failures.Rules, registered), options.MapExceptions);

    /// <summary>Polly's timeouts, if the library cannot limit the time itself.</summary>
    public PollyTimeouts? PollyTimeouts { get; } =
        Deadline.IsAvailable ? null : new(options.Timeout, events, clock);

    /// <summary>None if no strategy was added and nothing is injected. Such a pipeline pays nothing for it.</summary>
    public AttemptInside? InsideAttempt { get; } =
        AttemptInside.Of(strategies.AroundAttempt, options.Chaos.IsOn ? new(pipelineName, options.Chaos, events) : null);

    /// <summary>False if a strategy of the application may execute a call that has ended.</summary>
    public bool ReusesCalls { get; } = ReferenceEquals(strategies, AddedStrategies.None);

    public CircuitRules Circuit { get; } = new(options.CircuitBreaker, clock);

    public bool EnforcesCircuit { get; } = options.CircuitBreaker.Mode == CircuitBreakerMode.Enforce;

    public bool AdaptsLimit { get; } = options.Bulkhead.Adaptive.IsOn;

    public bool ShedsLoad { get; } = options.LoadShedding.Enabled;

    public bool LimitsRate { get; } = options.RateLimit.IsOn;

    public bool CoolsDown { get; } = options.RateLimit.CoolsDown;

    public bool IsPartitioned { get; } = options.PartitionBy != PartitionBy.None;

    public bool CountsAttempts { get; } = options.CircuitBreaker is { Mode: not CircuitBreakerMode.Disabled, CountPer: CircuitCount.Attempt };
}
