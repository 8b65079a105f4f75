using System.Net;
using Resilience.Polly.Failures;
using Resilience.Polly.Primitives;

namespace Resilience.Polly;

/// <summary>The dependency could not be reached or did not answer in time: infrastructure. The place to degrade gracefully.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the last answer, where there was one.</param>
public class ApiConnectionException(string message, Exception? innerException = null, HttpStatusCode? statusCode = null)
    : ApiException(message, innerException, statusCode);

/// <summary>A limit of <see cref="TimeoutOptions"/> ended the call (guide: "Pattern 1: Timeout Pattern").</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public class ApiTimeoutException(string message, Exception? innerException = null) : ApiConnectionException(message, innerException)
{
    /// <summary>Which limit was hit.</summary>
    public TimeoutPhase Phase { get; init; } = TimeoutPhase.Attempt;

    /// <summary>The limit that was hit, or <see langword="null"/> when the timeout was not one of the pipeline's own.</summary>
    public TimeSpan? Limit { get; init; }
}

/// <summary>There was no room for the call: the bulkhead, a connection pool or a queue is full (guide: "Handling Bulkhead Saturation"). It never reached the dependency.</summary>
public sealed class PoolTimeoutException : ApiTimeoutException
{
    private readonly object? _why;
    private string? _message;

    /// <summary>Makes one with <see cref="ApiTimeoutException.Phase"/> <see cref="TimeoutPhase.Pool"/>.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public PoolTimeoutException(string message, Exception? innerException = null)
        : base(message, innerException) => Phase = TimeoutPhase.Pool;

    // For the pipeline's own rejections. They come with every call under overload, and few are read: the message is written when it is.
    internal PoolTimeoutException(object why)
        : base("") => (_why, Phase) = (why, TimeoutPhase.Pool);

    /// <inheritdoc/>
    public override string Message => _why is null ? base.Message : _message ??= $"Pipeline '{PipelineName}' {_why}";
}

/// <summary>The circuit is open and the call was not made (guide: "OPEN (Failing Fast)"). The message begins with <c>Circuit breaker is OPEN</c>.</summary>
public sealed class CircuitOpenException : ApiConnectionException
{
    private static readonly string Unwritten = new('-', 1);

    private readonly TimeSpan _retryAfter = Timeout.InfiniteTimeSpan; // half as large as with a null
    private string? _message;

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public CircuitOpenException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    // For the pipeline's own circuit. These come with every call while it is open, and few are read: the message is written when it is.
    internal CircuitOpenException()
        : base("") => _message = Unwritten;

    /// <inheritdoc/>
    public override string Message => ReferenceEquals(_message, Unwritten) ? _message = MessageOf(PipelineName, RetryAfter) : _message ?? base.Message;

    /// <summary>After which time a call may be let through, or <see langword="null"/> when the circuit was isolated by hand.</summary>
    public TimeSpan? RetryAfter
    {
        get => _retryAfter == Timeout.InfiniteTimeSpan ? null : _retryAfter;
        init => _retryAfter = value ?? Timeout.InfiniteTimeSpan;
    }

    internal static string MessageOf(string? pipelineName, TimeSpan? retryAfter) => MessageOf(pipelineName, retryAfter is { } wait
        ? $"the dependency keeps failing and is tried again in {Text.Of(wait)}. Degrade gracefully until then."
        : "it was isolated by hand and stays so until it is reset.");

    internal static string MessageOf(string? pipelineName, string why) => $"Circuit breaker is OPEN for pipeline '{pipelineName}': {why}";
}

/// <summary>The dependency answered 408, 429, 502, 503 or 504, and still did after the last attempt.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the last answer, from then on in <see cref="HttpRequestException.StatusCode"/>; 503 where it is left out.</param>
public sealed class ServiceUnavailableException(
    string message, Exception? innerException = null, HttpStatusCode statusCode = HttpStatusCode.ServiceUnavailable)
    : ApiConnectionException(message, innerException, statusCode)
{
    /// <summary>What the server asked for in <c>Retry-After</c>, where it did.</summary>
    public TimeSpan? RetryAfter { get => Answer.RetryAfter ?? (InnerException as HttpStatusException)?.RetryAfter; init => Answer = Answer with { RetryAfter = value }; }

    /// <summary>The problem details of the last answer, where it had any.</summary>
    public ApiProblem? Problem { get => Answer.Problem ?? (InnerException as HttpStatusException)?.Problem; init => Answer = Answer with { Problem = value }; }

    /// <summary>The first 4 KiB of the body of the last answer as text, where it was read. It may hold anything: do not log it unseen.</summary>
    public string? BodyExcerpt { get => Answer.BodyExcerpt ?? (InnerException as HttpStatusException)?.BodyExcerpt; init => Answer = Answer with { BodyExcerpt = value }; }

    /// <summary>What is known of the answer.</summary>
    internal AnswerDetails Answer { get; set; }
}

/// <summary>The dependency answered 500, or any other 5xx that a retry does not mend: it broke (guide: "What Should Be Retried?"). Degrade gracefully.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the answer, from then on in <see cref="HttpRequestException.StatusCode"/>; 500 where it is left out.</param>
public sealed class ServerErrorException(
    string message, Exception? innerException = null, HttpStatusCode statusCode = HttpStatusCode.InternalServerError)
    : ApiConnectionException(message, innerException, statusCode)
{
    /// <summary>The problem details of the answer, where it had any.</summary>
    public ApiProblem? Problem { get => Answer.Problem ?? (InnerException as HttpStatusException)?.Problem; init => Answer = Answer with { Problem = value }; }

    /// <summary>The first 4 KiB of the body as text, where it was read. It may hold anything: do not log it unseen.</summary>
    public string? BodyExcerpt { get => Answer.BodyExcerpt ?? (InnerException as HttpStatusException)?.BodyExcerpt; init => Answer = Answer with { BodyExcerpt = value }; }

    /// <summary>What is known of the answer.</summary>
    internal AnswerDetails Answer { get; set; }
}

/// <summary>The queue shut down before the item was done, or before it was accepted. Do it elsewhere, or keep it for later (guide: "Handling Bulkhead Saturation").</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class QueueShutdownException(string message, Exception? innerException = null) : ApiConnectionException(message, innerException)
{
    /// <summary>The name of the queue, or <see langword="null"/> when the exception was not made by one.</summary>
    public string? QueueName { get; init; }

    /// <summary>Whether the work was called at least once, so that it may have had an effect.</summary>
    public bool WasBegun { get; init; }
}
