using System.Diagnostics;
using Polly;

namespace Resilience.Polly;

/// <summary>
/// One logical call on its way through the flow. Belongs to the flow from <see cref="Begin"/> to <see cref="End"/>
/// and is used again afterwards, so that a call allocates nothing.
/// </summary>
internal sealed class Call
{
    [ThreadStatic]
    private static Call? _spare;

    /// <summary>The settings that the call began with, and keeps.</summary>
    public ActiveSettings Settings { get; private set; } = null!;

    /// <summary>The token that the caller gave; inside the total timeout the context carries another one.</summary>
    public CancellationToken CallerToken { get; private set; }

    public long StartedAt { get; private set; }

    /// <summary>When the attempt began. The first one begins with the call, or once it has its slot: a healthy call asks the clock once.</summary>
    public long AttemptStartedAt { get; set; }

    /// <summary>Whether the caller's thread is kept. Noted at the start: Polly's pipelines inside the call mark its context as asynchronous.</summary>
    public bool IsSynchronous { get; private set; }

    /// <summary>Whether an attempt as a whole has a limit.</summary>
    public bool IsTimed { get; private set; }

    /// <summary>Whether the call brought a limit of its own for them.</summary>
    public bool HasOwnTimeout { get; private set; }

    /// <summary>Attempts that were started.</summary>
    public int Attempts { get; set; }

    /// <summary>What the circuit gave the call, and what it gave the attempt, where it counts those.</summary>
    public CircuitPermit Permit { get; set; }

    public CircuitPermit AttemptPermit { get; set; }

    /// <summary>A probe of a half-open circuit is one attempt and no more.</summary>
    public bool IsProbe { get; set; }

    /// <summary>When a call that the circuit rejected may come back; <see langword="null"/> when it is isolated.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>When the circuit rejected the call; zero where it did not.</summary>
    public long RejectedAt { get; set; }

    /// <summary>How the call ended, as far as it is known.</summary>
    public CallResult Result { get; set; }

    /// <summary>What the last outcome says about the dependency.</summary>
    public FailureKind Verdict { get; set; }

    /// <summary>What the last attempt threw, as it was thrown.</summary>
    public Exception? LastException { get; set; }

    /// <summary>The trace of the call, where somebody wants it.</summary>
    public Activity? Activity { get; set; }

    public static Call Begin(LivePipeline pipeline, ResilienceContext context, TimeSpan? ownTimeout)
    {
        var call = _spare ?? new Call();
        _spare = null;
        call.Settings = pipeline.Settings;
        call.CallerToken = context.CancellationToken;
        call.IsSynchronous = context.IsSynchronous();
        call.StartedAt = call.AttemptStartedAt = pipeline.Clock.GetTimestamp();
        call.HasOwnTimeout = ownTimeout is not null;
        call.IsTimed = (ownTimeout ?? call.Settings.AttemptTimeouts.Usual) != Timeout.InfiniteTimeSpan;
        call.Attempts = 0;
        call.IsProbe = false;
        call.RejectedAt = 0;
        call.Result = CallResult.Succeeded;
        call.Verdict = FailureKind.Unrelated;
        return call;
    }

    public void End()
    {
        CallerToken = default;
        LastException = null;
        Activity = null;
        _spare = this;
    }

    public TimeSpan? TotalLeft(TimeProvider clock) => Settings.Options.Timeout.Total - clock.GetElapsedTime(StartedAt);
}
