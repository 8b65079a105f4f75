using System.Net;

namespace Resilience.Polly;

/// <summary>401: the credentials are missing or wrong.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class UnauthorizedException(string message, Exception? innerException = null)
    : ApiStatusException(message, innerException, HttpStatusCode.Unauthorized);
