using System.Net;

namespace Resilience.Polly;

/// <summary>409: the request does not fit the present state of the resource.</summary>
public sealed class ConflictException : ApiStatusException
{
    /// <summary>Makes one with <see cref="ApiStatusException.StatusCode"/> Conflict.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public ConflictException(string message, Exception? innerException = null)
        : base(message, innerException) => StatusCode = HttpStatusCode.Conflict;
}
