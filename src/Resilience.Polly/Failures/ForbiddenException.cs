using System.Net;

namespace Resilience.Polly;

/// <summary>403: the caller may not do this.</summary>
public sealed class ForbiddenException : ApiStatusException
{
    /// <summary>Makes one with <see cref="ApiStatusException.StatusCode"/> Forbidden.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public ForbiddenException(string message, Exception? innerException = null)
        : base(message, innerException) => StatusCode = HttpStatusCode.Forbidden;
}
