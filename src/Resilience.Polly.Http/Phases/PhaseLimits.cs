namespace Resilience.Polly.Http;

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

    public static PhaseLimits Of(TimeoutOptions timeouts) => new(timeouts.Connect, timeouts.Read, timeouts.Write, timeouts.Pool);
}
