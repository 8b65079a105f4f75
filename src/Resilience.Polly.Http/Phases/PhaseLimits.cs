namespace Resilience.Polly.Http.Phases;

/// <summary>The limits of the four phases, as they hold for one attempt.</summary>
internal readonly record struct PhaseLimits(TimeSpan Connect, TimeSpan Read, TimeSpan Write, TimeSpan Pool)
{
    public TimeSpan Of(TimeoutPhase phase) => phase switch
    {
        TimeoutPhase.Connect => Connect,
        TimeoutPhase.Write => Write,
        TimeoutPhase.Pool => Pool,
        _ => Read,
    };

    /// <summary>The read limit where something of a known length comes first.</summary>
    public TimeSpan ReadAfter(TimeSpan first) => Read == Timeout.InfiniteTimeSpan ? Read : Read + first;

    public static PhaseLimits Of(TimeoutOptions timeouts) => new(timeouts.Connect, timeouts.Read, timeouts.Write, timeouts.Pool);
}
