using Resilience.Polly.Primitives;

namespace Resilience.Polly;

/// <summary>
/// A transport hit the limit of one phase of an HTTP attempt. A pipeline turns it into <see cref="ApiTimeoutException"/>
/// or <see cref="PoolTimeoutException"/>; with <see cref="PipelineOptions.MapExceptions"/> off it reaches the caller unchanged.
/// </summary>
/// <remarks>
/// An <see cref="HttpRequestException"/> with a <see cref="TimeoutException"/> inside. So HttpClient and its handlers pass it on
/// unchanged, and code that does not know this library understands it.
/// </remarks>
public sealed class PhaseTimeoutException : HttpRequestException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="phase">Which limit was hit.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="cause">What the transport reported when it was stopped.</param>
    public PhaseTimeoutException(TimeoutPhase phase, TimeSpan limit, Exception? cause = null)
        : base(
            phase == TimeoutPhase.Connect ? HttpRequestError.ConnectionError : HttpRequestError.Unknown,
            $"The {Text.Of(phase)} of {Text.Of(limit)} was hit.",
            new TimeoutException($"The {Text.Of(phase)} of {Text.Of(limit)} was hit.", cause)) => (Phase, Limit) = (phase, limit);

    /// <summary>Which limit was hit.</summary>
    public TimeoutPhase Phase { get; }

    /// <summary>The limit that was hit, lengthened by <see cref="TimeoutOptions.ProgressiveStep"/> on later attempts.</summary>
    public TimeSpan Limit { get; }
}
