namespace Storefront;

/// <summary>What goes wrong with a share of the requests that a service receives.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Share">With which share of the requests, 0 to 1; the last of several faults with 1 takes what the others leave.</param>
/// <param name="Delay">The longest delay, where <paramref name="Kind"/> is <see cref="FaultKind.Delay"/>.</param>
internal sealed record Fault(FaultKind Kind, double Share = 1, TimeSpan Delay = default)
{
    public static Fault Slow(double share, int milliseconds) => new(FaultKind.Delay, share, TimeSpan.FromMilliseconds(milliseconds));
}

internal enum FaultKind
{
    /// <summary>The work is done late, after half to all of the delay, whether the client still waits or not.</summary>
    Delay,

    /// <summary>No answer for as long as the client waits, and no work.</summary>
    Hang,

    /// <summary>HTTP 503, no work.</summary>
    Unavailable,

    /// <summary>The connection is reset, no work.</summary>
    Reset,

    /// <summary>The work is done and the connection reset before its answer is sent: a client cannot tell this from <see cref="Reset"/>.</summary>
    AnswerLost,
}
