using System.Net;

namespace Resilience.Polly;

/// <summary>The dependency could not be reached or did not answer in time: infrastructure. The place to degrade gracefully.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the last answer, where there was one.</param>
public class ApiConnectionException(string message, Exception? innerException = null, HttpStatusCode? statusCode = null)
    : ApiException(message, innerException, statusCode);
