namespace Resilience.Polly;

/// <summary>The circuit is open and the call was not made (guide: "OPEN (Failing Fast)"). The message begins with <c>Circuit breaker is OPEN</c>.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class CircuitOpenException(string message, Exception? innerException = null) : ApiConnectionException(message, innerException)
{
    /// <summary>After which time a call may be let through, or <see langword="null"/> when the circuit was isolated by hand.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
