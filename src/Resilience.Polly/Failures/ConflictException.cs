using System.Net;

namespace Resilience.Polly;

/// <summary>409: the request does not fit the present state of the resource.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class ConflictException(string message, Exception? innerException = null)
    : ApiStatusException(message, innerException, HttpStatusCode.Conflict);
