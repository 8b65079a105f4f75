namespace Resilience.Polly;

/// <summary>A limit of <see cref="TimeoutOptions"/> ended the call (guide: "Pattern 1: Timeout Pattern").</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public class ApiTimeoutException(string message, Exception? innerException) : ApiConnectionException(message, innerException)
{
    /// <inheritdoc/>
    public ApiTimeoutException()
        : this("The call timed out.")
    {
    }

    /// <inheritdoc/>
    public ApiTimeoutException(string message)
        : this(message, null)
    {
    }

    /// <summary>Which limit was hit.</summary>
    public TimeoutPhase Phase { get; init; } = TimeoutPhase.Attempt;

    /// <summary>The limit that was hit, or <see langword="null"/> if the timeout was not one of the pipeline's own.</summary>
    public TimeSpan? Limit { get; init; }
}
