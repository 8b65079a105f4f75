using System.Net;

namespace Resilience.Polly;

/// <summary>404: there is no such resource.</summary>
public sealed class NotFoundException : ApiStatusException
{
    /// <summary>Makes one with <see cref="ApiStatusException.StatusCode"/> NotFound.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public NotFoundException(string message, Exception? innerException = null)
        : base(message, innerException) => StatusCode = HttpStatusCode.NotFound;
}
