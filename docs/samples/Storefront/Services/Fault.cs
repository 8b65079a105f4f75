namespace Storefront;

/// <summary>What goes wrong with a share of the requests that a service receives.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Share">The share of the requests, 0 to 1. If the last of several faults has 1, it applies to all requests that the others leave.</param>
/// <param name="Delay">The longest delay, where <paramref name="Kind"/> is <see cref="FaultKind.Delay"/>.</param>
internal sealed record Fault(FaultKind Kind, double Share = 1, TimeSpan Delay = default)
{
    public static Fault Slow(double share, int milliseconds) => new(FaultKind.Delay, share, TimeSpan.FromMilliseconds(milliseconds));
}

internal enum FaultKind
{
    /// <summary>The service does the work late, after half to all of the delay, even if the client no longer waits.</summary>
    Delay,

    /// <summary>No answer for as long as the client waits, and no work.</summary>
    Hang,

    /// <summary>HTTP 503, no work.</summary>
    Unavailable,

    /// <summary>The connection is reset, no work.</summary>
    Reset,

    /// <summary>The service does the work, and resets the connection before it answers. A client cannot tell this from <see cref="Reset"/>.</summary>
    AnswerLost,
}
