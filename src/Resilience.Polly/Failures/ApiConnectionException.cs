namespace Resilience.Polly;

/// <summary>The dependency could not be reached or did not answer in time: infrastructure. The place to degrade gracefully.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public class ApiConnectionException(string message, Exception? innerException = null) : ApiException(message, innerException);
