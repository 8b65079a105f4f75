using System.Net;

namespace Resilience.Polly;

/// <summary>401: the credentials are missing or wrong.</summary>
public sealed class UnauthorizedException : ApiStatusException
{
    /// <summary>Makes one with <see cref="ApiStatusException.StatusCode"/> Unauthorized.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public UnauthorizedException(string message, Exception? innerException = null)
        : base(message, innerException) => StatusCode = HttpStatusCode.Unauthorized;
}
