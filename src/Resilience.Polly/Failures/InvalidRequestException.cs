using System.Net;

namespace Resilience.Polly;

/// <summary>400 or 422: the request is malformed or not valid.</summary>
public sealed class InvalidRequestException : ApiStatusException
{
    /// <summary>Makes one with <see cref="ApiStatusException.StatusCode"/> BadRequest.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public InvalidRequestException(string message, Exception? innerException = null)
        : base(message, innerException) => StatusCode = HttpStatusCode.BadRequest;
}
