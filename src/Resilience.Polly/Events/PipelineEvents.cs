using Polly;
using Polly.Telemetry;
using Polly.Timeout;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Events;

/// <summary>The only place from which a pipeline reports: to Polly's telemetry under Polly's event names, and to listeners and watchers.</summary>
internal sealed class PipelineEvents(
    string pipelineName, TelemetryListener? telemetry, AttemptReports attempts, EventHub hub, CallInstruments instruments, ApplicationServices application,
    string? partition = null)
{
    // Created with the first event: most pipelines of a large application never have one.
    private PollyTelemetry? _polly;

    public string PipelineName => pipelineName;

    public string? Partition => partition;

    /// <summary>The name of the pipeline or partition that reports, for people.</summary>
    public string Subject => partition is null ? pipelineName : $"{pipelineName} ({partition})";

    public PipelineEvents Of(string key) => new(pipelineName, telemetry, attempts, hub, instruments, application, key);

    /// <summary>For strategies of Polly's that report themselves, on the clock and to the telemetry of the pipeline.</summary>
    public ResiliencePipelineBuilder<TResult> Builder<TResult>() => new()
    {
        Name = pipelineName,
        TimeProvider = application.Clock,
        TelemetryListener = telemetry is null ? null : new StrategyEvents(telemetry),
    };

    /// <summary>Whether <see cref="Attempted"/> has to be called.</summary>
    public bool WantsAttempts => telemetry is not null && attempts.AreWanted;

    /// <summary>Reports an attempt that has ended, as Polly's retry does. The first attempt has the number 1.</summary>
    public void Attempted<TResult>(ResilienceContext context, Outcome<TResult> outcome, int attempt, TimeSpan took, bool isTransient, bool isLast) =>
        RetryReports.Attempted(Telemetry.Retry, context, outcome, attempt, took, isTransient, isLast);

    public void Retrying<TResult>(ResilienceContext context, Outcome<TResult> outcome, int attempt, TimeSpan wait, TimeSpan elapsed)
    {
        RetryReports.Retrying(Telemetry.Retry, context, outcome, attempt, wait, elapsed);
        if (hub.IsHeard)
        {
            hub.Tell(new RetryEvent
            {
                PipelineName = pipelineName, Partition = partition, At = application.Clock.GetUtcNow(), RequestId = CallProperties.RequestIdOf(context),
                Attempt = attempt, Wait = wait, Reason = FailureText.Of(outcome), Exception = outcome.Exception,
            });
        }
    }

    // Polly has no budget, and no event for it.
    public void RetryBudgetSpent<TResult, TState>(ResilienceContext context, Outcome<TResult> outcome, int attempt, Func<TState, CallRecord> record, TState state)
    {
        if (hub.IsHeard)
        {
            hub.Tell(new RetryBudgetSpentEvent
            {
                PipelineName = pipelineName, Partition = partition, At = application.Clock.GetUtcNow(), RequestId = CallProperties.RequestIdOf(context),
                Attempt = attempt, Reason = FailureText.Of(outcome), Exception = outcome.Exception, Record = record(state),
            });
        }
    }

    /// <summary>Reports a timeout. An exception of Polly's gets the source that it comes from.</summary>
    public void TimedOut(OnTimeoutArguments arguments, TimeoutRejectedException? exception)
    {
        Telemetry.Timeout.Report(new ResilienceEvent(ResilienceEventSeverity.Error, "OnTimeout"), arguments.Context, arguments);
        if (exception is not null)
        {
            Telemetry.Timeout.SetTelemetrySource(exception);
        }
    }

    /// <summary>Reports a rejection. An exception of Polly's gets the source that it comes from, as those of Polly's own strategies do.</summary>
    public void Rejected(ResilienceContext context, Rejection rejection, Exception exception)
    {
        if (exception is ExecutionRejectedException polly)
        {
            Telemetry.Of(rejection.By).SetTelemetrySource(polly);
        }

        // Polly has no event for rejections by an open circuit, which every call gets while it is open. It has no strategy that sheds.
        if (rejection.By is RejectedBy.Bulkhead or RejectedBy.RateLimit)
        {
            Telemetry.Of(rejection.By).Report(
                new ResilienceEvent(ResilienceEventSeverity.Error, "OnRateLimiterRejected"), context, new LimiterRejectedArguments(context));
        }

        if (hub.IsHeard)
        {
            hub.Tell(new RejectionEvent
            {
                PipelineName = pipelineName, Partition = partition, At = application.Clock.GetUtcNow(), RequestId = CallProperties.RequestIdOf(context),
                By = rejection.By, RetryAfter = rejection.RetryAfter,
            });
        }
    }

    public void CircuitChanged<TResult>(ResilienceContext context, Outcome<TResult> outcome, CircuitStateChangedEvent? transition)
    {
        if (transition is null)
        {
            return;
        }

        CircuitReports.Report(Telemetry.Of(RejectedBy.CircuitBreaker), context, outcome, transition);
        Log.CircuitChanged(application.Logger, transition);
        instruments.Transition(pipelineName, transition.To);
        hub.Tell(transition);
    }

    /// <summary>Reports a change that no call made: by a person, or by another instance.</summary>
    public void CircuitMoved(CircuitStateChangedEvent? transition)
    {
        var context = ResilienceContextPool.Shared.Get();
        CircuitChanged(context, Outcome.FromResult<object?>(null), transition);
        ResilienceContextPool.Shared.Return(context);
    }

    public void SharedCircuitChanged(SharedCircuit circuit) =>
        Log.SharedCircuitChanged(application.Logger, Subject, circuit.State, circuit.ChangedBy, circuit.Reason, circuit.Epoch);

    /// <summary>Tells that the store of the shared state failed in a way that it should not.</summary>
    public void SharedStateFailed(Exception exception) => Log.SharedStateFailed(application.Logger, exception, Subject);

    // Polly has an event only for its own fallback strategy. This one is outside the pipeline.
    public void Degraded(ApiConnectionException failure, string? requestId)
    {
        if (hub.IsHeard)
        {
            hub.Tell(new DegradedEvent { PipelineName = pipelineName, Partition = partition, At = application.Clock.GetUtcNow(), Failure = failure, RequestId = requestId });
        }
    }

    public void AlertRaised(Alert alert)
    {
        Log.AlertRaised(application.Logger, alert.Message);
        hub.Tell(new AlertEvent { PipelineName = pipelineName, Partition = partition, At = application.Clock.GetUtcNow(), Alert = alert, IsRaised = true });
    }

    public void AlertCleared(Alert alert)
    {
        Log.AlertCleared(application.Logger, alert.ClearedMessage);
        hub.Tell(new AlertEvent { PipelineName = pipelineName, Partition = partition, At = application.Clock.GetUtcNow(), Alert = alert, IsRaised = false });
    }

    public void LimitChanged(LimitChangedEvent change)
    {
        Log.LimitChanged(application.Logger, Subject, change.From, change.To, change.Reason);
        hub.Tell(change);
    }

    /// <summary>Tells that a circuit stays closed because too many are open.</summary>
    public void OpenShareReached(string? key, int open)
    {
        Log.OpenShareReached(application.Logger, pipelineName, key, open);
        hub.Tell(new OpenShareReachedEvent { PipelineName = pipelineName, Partition = key, At = application.Clock.GetUtcNow(), Open = open });
    }

    public void PartitionsFull(string key, int maxPartitions)
    {
        Log.PartitionsFull(application.Logger, pipelineName, key, maxPartitions);
        hub.Tell(new PartitionsFullEvent { PipelineName = pipelineName, Partition = key, At = application.Clock.GetUtcNow(), MaxPartitions = maxPartitions });
    }

    public void LimitPolicyFailed(Exception exception) => Log.LimitPolicyFailed(application.Logger, exception, Subject);

    public void SettingsChanged(string summary) =>
        hub.Tell(new SettingsEvent { PipelineName = pipelineName, Partition = partition, At = application.Clock.GetUtcNow(), Summary = summary });

    // If two are created at once, one is thrown away.
    private PollyTelemetry Telemetry => Volatile.Read(ref _polly) ?? (_polly = new PollyTelemetry(pipelineName, telemetry));
}

/// <summary>The arguments of the event that reports a rejection by bulkhead or rate limit to Polly's telemetry.</summary>
internal readonly record struct LimiterRejectedArguments(ResilienceContext Context);
