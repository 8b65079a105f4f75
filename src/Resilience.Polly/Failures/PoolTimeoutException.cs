namespace Resilience.Polly;

/// <summary>There was no room for the call: the bulkhead, a connection pool or a queue is full (guide: "Handling Bulkhead Saturation"). It never reached the dependency.</summary>
public sealed class PoolTimeoutException : ApiTimeoutException
{
    /// <summary>Makes one with <see cref="ApiTimeoutException.Phase"/> <see cref="TimeoutPhase.Pool"/>.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public PoolTimeoutException(string message, Exception? innerException = null)
        : base(message, innerException) => Phase = TimeoutPhase.Pool;
}
