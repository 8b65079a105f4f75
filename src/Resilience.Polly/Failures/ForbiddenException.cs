using System.Net;

namespace Resilience.Polly;

/// <summary>403: the caller may not do this.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class ForbiddenException(string message, Exception? innerException = null)
    : ApiStatusException(message, innerException, HttpStatusCode.Forbidden);
