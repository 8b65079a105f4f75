using System.Diagnostics;
using System.Threading.RateLimiting;
using Polly;
using Polly.Timeout;
using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;
using Resilience.Polly.Timeouts;

namespace Resilience.Polly.Flow;

/// <summary>One logical call on its way through the flow: its input and its progress.</summary>
internal abstract class Call
{
    private Deadline? _total;
    private Deadline? _attempt;

    public LivePipeline Pipeline { get; private set; } = null!;

    /// <summary>The state that it shares with other calls.</summary>
    public PipelinePartition Partition { get; private set; } = null!;

    /// <summary>The settings that the call began with, and keeps.</summary>
    public ActiveOptions Settings { get; private set; } = null!;

    /// <summary>The call that this is one execution of, if strategies of the application are around it.</summary>
    public WholeCall? Whole { get; private set; }

    /// <summary>Its outcome so far, and how it ended.</summary>
    public CallOutcome Outcome { get; } = new();

    public ResilienceContext Context => Outcome.Context;

    public long StartedAt { get; private set; }

    /// <summary>When the attempt began. The first one begins with the call, or when it gets its slot: a healthy call reads the clock once.</summary>
    public long AttemptStartedAt { get; set; }

    /// <summary>When it got its slot.</summary>
    public long SlotAt { get; set; }

    /// <summary>The most attempts, if the call sets its own limit.</summary>
    public int? OwnMaxAttempts { get; private set; }

    /// <summary>The attempts that sent nothing, if the settings count those apart.</summary>
    public int NotSent { get; set; }

    /// <summary>The attempts that failed and were to be repeated; <see langword="null"/> or empty before the first retry.</summary>
    public List<FailedAttempt>? Failed { get; set; }

    /// <summary>Why a transient failure is the last one.</summary>
    public CallEnd Ends { get; set; }

    /// <summary>Whether the call must keep the caller's thread. Read at the start, since Polly's pipelines inside the call mark its context as asynchronous.</summary>
    public bool IsSynchronous { get; private set; }

    /// <summary>The limit of a whole attempt, before it grows with the number of the attempt.</summary>
    public TimeSpan AttemptTimeout { get; private set; }

    /// <summary>The circuit's permit for the call, or for the attempt if it counts those. It is used up once the circuit has the result.</summary>
    public CircuitPermit Permit { get; set; }

    /// <summary>A probe of a half-open circuit is only one attempt.</summary>
    public bool IsProbe { get; set; }

    /// <summary>Whether it has given its slot back until its next attempt.</summary>
    public bool IsPaused { get; set; }

    /// <summary>The lease of the application's limiter for the attempt, if it has one.</summary>
    public RateLimitLease? Lease { get; set; }

    /// <summary>The trace of the call, if there is a listener.</summary>
    public Activity? Activity { get; set; }

    public TimeSpan? TotalLeft => Settings.Options.Timeout.Total is { } total ? total - Pipeline.Clock.GetElapsedTime(StartedAt) : null;

    /// <summary>Limits the time of the whole call.</summary>
    public void LimitTotal(TimeSpan limit)
    {
        _total = Pipeline.Deadlines.Take();
        _total.Begin(Context, StartedAt, limit);
    }

    /// <summary>Limits the time of the attempt that begins.</summary>
    public void LimitAttempt()
    {
        _attempt = Pipeline.Deadlines.Take();
        _attempt.Begin(Context, AttemptStartedAt, Settings.Options.Timeout.ForAttempt(AttemptTimeout, Outcome.Attempts));
    }

    /// <summary>Ends the limit of an attempt, if it has one. A cancellation by this limit becomes a timeout.</summary>
    public void EndAttempt<TResult>(ref Outcome<TResult> outcome) => End(ref _attempt, ref outcome);

    /// <summary>The same for the limit of the call.</summary>
    public void EndTotal<TResult>(ref Outcome<TResult> outcome) => End(ref _total, ref outcome);

    /// <summary>Gets the partition of the call again, if it was forgotten before the call had its slot.</summary>
    public void RenewPartition() => Partition = Pipeline.Partitions!.FindOrAdd(Partition.Key!);

    /// <summary>Ends the call. No code may use it any more.</summary>
    public virtual void End()
    {
        Outcome.Release();
        Failed?.Clear(); // with its exceptions
        Activity = null;
    }

    protected void Begin(LivePipeline pipeline, ResilienceContext context, in CallSettings own, WholeCall? whole)
    {
        Pipeline = pipeline;
        Partition = pipeline.Of(own.Partition);
        Whole = whole;
        (Settings, IsSynchronous, Activity) = whole is null
            ? (pipeline.Settings, context.IsSynchronous(), null)
            : (whole.Settings, whole.IsSynchronous, whole.Activity);
        Outcome.Begin(Settings.Outcomes, Partition.Key, context);
        StartedAt = SlotAt = AttemptStartedAt = pipeline.Clock.GetTimestamp();
        AttemptTimeout = own.AttemptTimeout ?? Settings.Options.Timeout.Usual;
        OwnMaxAttempts = own.MaxAttempts;
        Permit = CircuitPermit.Uncounted;
        IsProbe = false;
        (NotSent, Ends) = (0, CallEnd.None);
    }

    private void End<TResult>(ref Deadline? deadline, ref Outcome<TResult> outcome)
    {
        if (deadline is not { } ended)
        {
            return;
        }

        deadline = null;
        var limit = ended.Limit;
        if (ended.End(Context, isReused: Settings.ReusesCalls) && outcome.Exception is OperationCanceledException cancelled && !Context.CancellationToken.IsCancellationRequested)
        {
            var exception = new TimeoutRejectedException($"The operation took longer than its limit of {Text.Of(limit)}.", limit, cancelled);
            Partition.Events.TimedOut(new OnTimeoutArguments(Context, limit), exception);
            outcome = global::Polly.Outcome.FromException<TResult>(exception);
        }
    }
}
