using Polly;
using Resilience.Polly.Alerts;
using Resilience.Polly.Bulkheads;
using Resilience.Polly.Bulkheads.Adaptive;
using Resilience.Polly.Bulkheads.Shared;
using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.CircuitBreakers.Shared;
using Resilience.Polly.Events;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.RateLimits;
using Resilience.Polly.Retries;
using Resilience.Polly.Statistics;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Flow;

/// <summary>The state that calls of a pipeline share and that outlives its settings: for all calls, or for those with one partition key.</summary>
internal sealed class PipelinePartition : IDegradedCalls, IReachedCalls
{
    private readonly CallInstruments _instruments;
    private readonly TimeProvider _clock;
    private readonly SharedLinks? _shared;
    private RateLimit? _rate;
    private int _retryWaits;

    public PipelinePartition(PipelineOptions options, PipelineEvents events, CallInstruments instruments, TimeProvider clock, PipelineSharing? sharing = null, OpenCircuits? open = null)
    {
        (Events, Key, _instruments, _clock) = (events, events.Partition, instruments, clock);
        Circuit = new CircuitBreaker(events.PipelineName, events.Partition, clock, open);
        Bulkhead = new Bulkhead(options.Bulkhead.MaxConcurrency, clock);
        Limit = new AdaptiveLimit(options.Bulkhead, Bulkhead, events, clock);
        Calls = new CallStatistics(clock);
        Budget = new RetryBudget(this, clock, sharing?.ReserveDividers);
        Alerts = new PipelineAlerts(events, clock);
        LimitRate(options.RateLimit);
        _shared = sharing is null ? null : new(sharing, events, Circuit, Bulkhead);
        _shared?.Apply(options.CircuitBreaker, options.Bulkhead);
    }

    /// <summary>The key of its calls; <see langword="null"/> for calls without one.</summary>
    public string? Key { get; }

    /// <summary>Receives the calls that were counted here after the partition was forgotten.</summary>
    public Action<PipelinePartition>? Late { get; set; }

    /// <summary>Its calls that are already in the sum of the forgotten ones.</summary>
    public long[]? Folded { get; set; }

    public PipelineEvents Events { get; }

    public CircuitBreaker Circuit { get; }

    public Bulkhead Bulkhead { get; }

    public AdaptiveLimit Limit { get; }

    public RetryBudget Budget { get; }

    /// <summary>The link to the circuit of all instances, if it is shared.</summary>
    public SharedCircuitLink? SharedCircuit => _shared?.Circuit;

    /// <summary>The link to the slots of all instances, if they are shared.</summary>
    public SharedSlotsLink? SharedSlots => _shared?.Slots;

    /// <summary>For calls with a rate limit. Created when settings first set one: most pipelines have none.</summary>
    public RateLimit Rate => Volatile.Read(ref _rate)!;

    public CallStatistics Calls { get; }

    public PipelineAlerts Alerts { get; }

    /// <summary>
    /// Whether it may be forgotten: no call is inside, in line or between two attempts, the circuit is closed, all permits are there, and the statistics of the last minute are empty.
    /// </summary>
    public bool IsIdle =>
        Bulkhead is { InUse: 0, Waiting: 0, Paused: 0 } && Circuit.IsClosed && Volatile.Read(ref _rate)?.IsIdle != false && Calls.IsMinuteOver;

    /// <summary>Calls that wait for their next attempt.</summary>
    public int RetryWaits => Volatile.Read(ref _retryWaits);

    long IReachedCalls.Ended => Calls.ReadReached();

    long IReachedCalls.Inside => Bulkhead.InUse + Bulkhead.Paused;

    /// <summary>Prepares for new settings, before calls begin with them.</summary>
    public void Prepare(PipelineOptions options) => LimitRate(options.RateLimit);

    /// <summary>Puts new settings in force.</summary>
    public void Apply(PipelineOptions options)
    {
        Limit.Apply(options.Bulkhead);
        _shared?.Apply(options.CircuitBreaker, options.Bulkhead);
    }

    /// <summary>The partition is forgotten.</summary>
    public void EndSharing() => _shared?.Leave();

    public void EvaluateAlerts(PipelineOptions options) => Alerts.Evaluate(options.Alerts, options.CircuitBreaker, Calls, Bulkhead, Circuit);

    /// <summary>The circuit at this moment.</summary>
    /// <param name="options">The settings in force, as below.</param>
    public CircuitBreakerSnapshot ReadCircuit(PipelineOptions options) => Circuit.Read(options.CircuitBreaker, SharedCircuit?.Read());

    public BulkheadSnapshot ReadBulkhead() => Bulkhead.Read(Limit.LastChange, SharedSlots?.Read());

    /// <summary>The permits; <see langword="null"/> if the rate is not limited.</summary>
    public RateLimitSnapshot? ReadRateLimit(PipelineOptions options) => options.RateLimit.IsOn ? RateLimitStep.Read(Rate, options.RateLimit) : null;

    /// <summary>The retry budget at this moment; <see langword="null"/> if it is off.</summary>
    public RetryBudgetSnapshot? ReadRetryBudget(PipelineOptions options) => Budget.Read(options.Retry.Budget);

    /// <summary>A call begins to wait for its next attempt.</summary>
    public void BeginRetryWait() => Interlocked.Increment(ref _retryWaits);

    /// <summary>Its wait is over, in whichever way.</summary>
    public void EndRetryWait() => Interlocked.Decrement(ref _retryWaits);

    /// <summary>Counts a call that has ended.</summary>
    public void Count<TResult>(Call call, in Outcome<TResult> ended)
    {
        var (outcome, startedAt) = (call.Outcome, call.StartedAt);
        var endedAt = outcome.Rejection is { At: not 0 and var at } ? at : _clock.GetTimestamp(); // a rejection already has the time
        Calls.Count(outcome.Result, outcome.Attempts, startedAt, endedAt);
        NoteLate();
        if (_instruments.WantsDurations)
        {
            _instruments.Duration(
                Events.PipelineName, call.Settings.Options.PartitionMetrics ? Key : null, outcome.Result, _clock.GetElapsedTime(startedAt, endedAt),
                outcome.Result.IsError() ? ErrorType.Of(ended) : null);
        }
    }

    /// <summary>Counts a call that a fallback answered. Its failure is counted already.</summary>
    public void CountDegraded(ApiConnectionException failure, string? requestId)
    {
        Calls.Count(CallCounters.Degraded, _clock.GetTimestamp());
        NoteLate();
        Events.Degraded(failure, requestId);
    }

    /// <summary>Counts a call whose failed attempt is its last because the budget is spent.</summary>
    public void CountRetryBudgetSpent<TResult>(Outcome<TResult> outcome, Call call)
    {
        Calls.Count(CallCounters.RetryBudgetSpent, _clock.GetTimestamp());
        Events.RetryBudgetSpent(call.Context, outcome, call.Outcome.Attempts, static told => CallHistory.Of(told.call, told.outcome), (call, outcome));
    }

    // The count is a full fence, and so is the retirement. Either the count was there when the partition was forgotten, or its thread sees here that the partition is forgotten.
    private void NoteLate()
    {
        if (Bulkhead.IsRetired)
        {
            Late?.Invoke(this);
        }
    }

    private void LimitRate(RateLimitOptions options)
    {
        if (_rate is { } rate)
        {
            rate.Apply(options);
        }
        else if (options.IsOn)
        {
            Volatile.Write(ref _rate, new RateLimit(options, _clock));
        }
    }
}
