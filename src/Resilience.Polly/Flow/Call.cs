using System.Diagnostics;
using Polly;
using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Flow;

/// <summary>One logical call on its way through the flow: what it was given, and how it is going.</summary>
internal abstract class Call
{
    public LivePipeline Pipeline { get; private set; } = null!;

    /// <summary>The settings that the call began with, and keeps.</summary>
    public ActiveSettings Settings { get; private set; } = null!;

    /// <summary>The call that this is one execution of, where strategies of the application stand around it.</summary>
    public WholeCall? Whole { get; private set; }

    /// <summary>How it is going, and how it ended.</summary>
    public CallFate Fate { get; } = new();

    public ResilienceContext Context => Fate.Context;

    public long StartedAt { get; private set; }

    /// <summary>When the attempt began. The first one begins with the call, or once it has its slot: a healthy call asks the clock once.</summary>
    public long AttemptStartedAt { get; set; }

    /// <summary>Whether the caller's thread is kept. Noted at the start: Polly's pipelines inside the call mark its context as asynchronous.</summary>
    public bool IsSynchronous { get; private set; }

    /// <summary>Whether an attempt as a whole has a limit.</summary>
    public bool IsTimed { get; private set; }

    /// <summary>Whether the call brought a limit of its own for them.</summary>
    public bool HasOwnTimeout { get; private set; }

    /// <summary>What the circuit gave the call, or the attempt where it counts those. Spent once the circuit has heard how it went.</summary>
    public CircuitPermit Permit { get; set; }

    /// <summary>A probe of a half-open circuit is one attempt and no more.</summary>
    public bool IsProbe { get; set; }

    /// <summary>The trace of the call, where somebody wants it.</summary>
    public Activity? Activity { get; set; }

    public TimeSpan? TotalLeft => Settings.Options.Timeout.Total - Pipeline.Clock.GetElapsedTime(StartedAt);

    /// <summary>Ends the call: nobody may use it any more.</summary>
    public virtual void End()
    {
        Fate.Release();
        Activity = null;
    }

    protected void Begin(LivePipeline pipeline, ResilienceContext context, TimeSpan? ownTimeout, WholeCall? whole)
    {
        Pipeline = pipeline;
        Whole = whole;
        (Settings, IsSynchronous, Activity) = whole is null
            ? (pipeline.Settings, context.IsSynchronous(), null)
            : (whole.Settings, whole.IsSynchronous, whole.Activity);
        Fate.Begin(Settings.Outcomes, context);
        StartedAt = AttemptStartedAt = pipeline.Clock.GetTimestamp();
        HasOwnTimeout = ownTimeout is not null;
        IsTimed = (ownTimeout ?? Settings.AttemptTimeouts.Usual) != Timeout.InfiniteTimeSpan;
        Permit = CircuitPermit.Uncounted;
        IsProbe = false;
    }
}
