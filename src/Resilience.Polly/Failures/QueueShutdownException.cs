namespace Resilience.Polly;

/// <summary>The queue shut down before the item was done or accepted. Do it elsewhere, or keep it for later (guide: "Handling Bulkhead Saturation").</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class QueueShutdownException(string message, Exception? innerException) : ApiConnectionException(message, innerException)
{
    /// <inheritdoc/>
    public QueueShutdownException()
        : this("The queue shut down.")
    {
    }

    /// <inheritdoc/>
    public QueueShutdownException(string message)
        : this(message, null)
    {
    }

    /// <summary>The name of the queue, or <see langword="null"/> if no queue created the exception.</summary>
    public string? QueueName { get; init; }

    /// <summary>Whether the work was called at least once. Then it may have had an effect.</summary>
    public bool WasBegun { get; init; }
}
