using System.Net;

namespace Resilience.Polly;

/// <summary>400 or 422: the request is malformed or not valid.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the answer; 400 where it is left out.</param>
public sealed class InvalidRequestException(string message, Exception? innerException = null, HttpStatusCode statusCode = HttpStatusCode.BadRequest)
    : ApiStatusException(message, innerException, statusCode);
