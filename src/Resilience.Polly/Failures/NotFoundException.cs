using System.Net;

namespace Resilience.Polly;

/// <summary>404: there is no such resource.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class NotFoundException(string message, Exception? innerException = null)
    : ApiStatusException(message, innerException, HttpStatusCode.NotFound);
