namespace Resilience.Polly;

/// <summary>
/// There was no room for the call, and it never reached the dependency (guide: "Handling Bulkhead Saturation"). A pipeline throws
/// <see cref="BulkheadFullException"/>, <see cref="QueueFullException"/>, <see cref="RateLimitedException"/> or <see cref="LoadShedException"/>. It throws this type itself for a connection pool or
/// a limiter of the application.
/// </summary>
public class PoolTimeoutException : ApiTimeoutException
{
    /// <inheritdoc/>
    public PoolTimeoutException()
        : this("There was no room for the call.")
    {
    }

    /// <inheritdoc/>
    public PoolTimeoutException(string message)
        : this(message, null)
    {
    }

    /// <summary>Creates an exception with <see cref="ApiTimeoutException.Phase"/> <see cref="TimeoutPhase.Pool"/>.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public PoolTimeoutException(string message, Exception? innerException)
        : base(message, innerException) => Phase = TimeoutPhase.Pool;

    /// <inheritdoc/>
    public override string Message => Why is null ? base.Message : $"Pipeline {Call.Name} {Why}";

    // Of the pipeline's own rejections. Under overload every call gets one, and few are read: the message is built when it is read.
    internal object? Why { get; init; }
}

/// <summary>All slots of the bulkhead were taken, and none became free while the call waited (guide: "How Our Bulkhead Works").</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class BulkheadFullException(string message, Exception? innerException) : PoolTimeoutException(message, innerException)
{
    /// <inheritdoc/>
    public BulkheadFullException()
        : this("The bulkhead is full.")
    {
    }

    /// <inheritdoc/>
    public BulkheadFullException(string message)
        : this(message, null)
    {
    }
}

/// <summary>The request queue was full, and no place became free while the item waited (guide: "Request Queuing with Backpressure").</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class QueueFullException(string message, Exception? innerException) : PoolTimeoutException(message, innerException)
{
    /// <inheritdoc/>
    public QueueFullException()
        : this("The queue is full.")
    {
    }

    /// <inheritdoc/>
    public QueueFullException(string message)
        : this(message, null)
    {
    }

    /// <summary>The name of the queue, or <see langword="null"/> if no queue created the exception.</summary>
    public string? QueueName { get; init; }
}

/// <summary>The system was under load and shed the call (guide: "Load Shedding").</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class LoadShedException(string message, Exception? innerException) : PoolTimeoutException(message, innerException)
{
    /// <inheritdoc/>
    public LoadShedException()
        : this("The call was shed.")
    {
    }

    /// <inheritdoc/>
    public LoadShedException(string message)
        : this(message, null)
    {
    }
}

/// <summary>The rate of attempts was at its limit, or the dependency had asked its callers to wait, and no permit would have come in time (<see cref="RateLimitOptions"/>).</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class RateLimitedException(string message, Exception? innerException) : PoolTimeoutException(message, innerException)
{
    /// <inheritdoc/>
    public RateLimitedException()
        : this("The rate limit has no permit for the call.")
    {
    }

    /// <inheritdoc/>
    public RateLimitedException(string message)
        : this(message, null)
    {
    }

    /// <summary>The time until a permit would have come, or <see langword="null"/> if the limiter of the application did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
