using Polly;
using Resilience.Polly.Alerts;
using Resilience.Polly.Bulkheads;
using Resilience.Polly.Bulkheads.Adaptive;
using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.Events;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Overload;
using Resilience.Polly.RateLimits;
using Resilience.Polly.Retries;
using Resilience.Polly.Statistics;
using Resilience.Polly.Strategies;
using Resilience.Polly.Telemetry;
using Resilience.Polly.Timeouts;

namespace Resilience.Polly.Flow;

/// <summary>Everything that belongs to one name: the settings in force, and the state that outlives them.</summary>
internal sealed class LivePipeline : IDegradedCalls, IReachedCalls
{
    private readonly IReadOnlyList<IFailureClassifier> _classifiers;
    private readonly CallInstruments _instruments;
    private ActiveOptions _settings;
    private RateLimit? _rate;

    public LivePipeline(
        string name,
        PipelineOptions options,
        AddedStrategies strategies,
        IReadOnlyList<IFailureClassifier> classifiers,
        PipelineEvents events,
        CallInstruments instruments,
        TimeProvider clock,
        DeadlinePool deadlines,
        Func<LivePipeline, ResilienceStrategy> createFlow)
    {
        _classifiers = classifiers;
        _instruments = instruments;
        Name = name;
        Strategies = strategies;
        Clock = clock;
        Deadlines = deadlines;
        Events = events;
        Circuit = new CircuitBreaker(name, clock);
        Bulkhead = new Bulkhead(options.Bulkhead.MaxConcurrency, clock);
        Shedder = new LoadShedder(clock);
        Limit = new AdaptiveLimit(options.Bulkhead, Bulkhead, events, clock);
        Calls = new CallStatistics(clock);
        Budget = new RetryBudget(this, clock);
        Alerts = new PipelineAlerts(events, clock);
        LimitRate(options.RateLimit);
        _settings = Activate(options);

        // No telemetry listener here: Polly would time and report every call, while the events of the strategies are reported anyway.
        Polly = new ResiliencePipelineBuilder { Name = name, TimeProvider = clock }
            .AddStrategy(_ => createFlow(this))
            .Build();
    }

    public string Name { get; }

    /// <summary>What the application has added.</summary>
    public AddedStrategies Strategies { get; }

    public TimeProvider Clock { get; }

    public DeadlinePool Deadlines { get; }

    public PipelineEvents Events { get; }

    public CircuitBreaker Circuit { get; }

    public Bulkhead Bulkhead { get; }

    public LoadShedder Shedder { get; }

    public AdaptiveLimit Limit { get; }

    public RetryBudget Budget { get; }

    /// <summary>For calls whose settings limit the rate. Made when settings do so for the first time: most pipelines have none.</summary>
    public RateLimit Rate => Volatile.Read(ref _rate)!;

    public CallStatistics Calls { get; }

    public PipelineAlerts Alerts { get; }

    public ActiveOptions Settings => Volatile.Read(ref _settings);

    /// <summary>What users hold.</summary>
    public ResiliencePipeline Polly { get; }

    long IReachedCalls.Ended => Calls.ReadReached();

    long IReachedCalls.Inside => Bulkhead.InUse;

    /// <summary>Puts other settings in force, for the calls that begin from now on.</summary>
    public void Apply(PipelineOptions options)
    {
        LimitRate(options.RateLimit);
        Volatile.Write(ref _settings, Activate(options));
        Limit.Apply(options.Bulkhead);
    }

    /// <summary>The circuit at this moment, under the settings in force.</summary>
    public CircuitBreakerSnapshot ReadCircuit() => Circuit.Read(Settings.Options.CircuitBreaker);

    public void EvaluateAlerts() => Alerts.Evaluate(Settings.Options.Alerts, Settings.Options.CircuitBreaker, Calls, Bulkhead, Circuit);

    /// <summary>The permits, where the settings in force limit the rate.</summary>
    public RateLimitSnapshot? ReadRateLimit() => Settings.LimitsRate ? RateLimitStep.Read(Rate, Settings.Options.RateLimit) : null;

    public BulkheadSnapshot ReadBulkhead() => Bulkhead.Read(Limit.LastChange);

    /// <summary>The budget at this moment, under the settings in force; <see langword="null"/> where it is off.</summary>
    public RetryBudgetSnapshot? ReadRetryBudget() => Budget.Read(Settings.Options.Retry.Budget);

    /// <summary>Counts a call that has ended.</summary>
    public void Count<TResult>(CallOutcome outcome, Outcome<TResult> ended, long startedAt)
    {
        var endedAt = outcome.Rejection is { At: not 0 and var at } ? at : Clock.GetTimestamp(); // a rejection comes with the time already
        Calls.Count(outcome.Result, outcome.Attempts, startedAt, endedAt);
        if (_instruments.WantsDurations)
        {
            _instruments.Duration(Name, outcome.Result, Clock.GetElapsedTime(startedAt, endedAt), outcome.Result.IsError() ? ErrorType.Of(ended) : null);
        }
    }

    /// <summary>Counts a call that a fallback answered. How it failed is counted already.</summary>
    public void CountDegraded(ApiConnectionException failure, string? requestId)
    {
        Calls.Count(CallCounters.Degraded, Clock.GetTimestamp());
        Events.Degraded(failure, requestId);
    }

    /// <summary>Counts a call whose failed attempt is its last because the budget is spent.</summary>
    public void CountRetryBudgetSpent<TResult>(Outcome<TResult> outcome, Call call)
    {
        Calls.Count(CallCounters.RetryBudgetSpent, Clock.GetTimestamp());
        Events.RetryBudgetSpent(call.Context, outcome, call.Outcome.Attempts, static told => CallHistory.Of(told.call, told.outcome), (call, outcome));
    }

    private void LimitRate(RateLimitOptions options)
    {
        if (_rate is { } rate)
        {
            rate.Apply(options);
        }
        else if (options.IsOn)
        {
            Volatile.Write(ref _rate, new RateLimit(options, Clock));
        }
    }

    private ActiveOptions Activate(PipelineOptions options) => new(Name, options, Strategies, _classifiers, Events, Clock);
}
