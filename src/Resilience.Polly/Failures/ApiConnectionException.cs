using System.Net;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

/// <summary>The dependency could not be reached or did not answer in time: an infrastructure failure. Catch it to degrade gracefully.</summary>
public class ApiConnectionException : ApiCallException
{
    /// <inheritdoc/>
    public ApiConnectionException()
        : this("The dependency could not be reached.")
    {
    }

    /// <inheritdoc/>
    public ApiConnectionException(string message)
        : this(message, null)
    {
    }

    /// <inheritdoc/>
    public ApiConnectionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public ApiConnectionException(string message, Exception? innerException, HttpStatusCode? statusCode)
        : base(message, innerException, statusCode)
    {
    }

    private protected ApiConnectionException(string message, Exception? innerException, HttpRequestError error)
        : base(message, innerException, error)
    {
    }
}

/// <summary>The dependency answered 408, 429, 502, 503 or 504, and still did after the last attempt.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the answer, for <see cref="HttpRequestException.StatusCode"/>.</param>
public sealed class ApiUnavailableException(string message, Exception? innerException, HttpStatusCode statusCode) : ApiConnectionException(message, innerException, statusCode)
{
    /// <inheritdoc/>
    public ApiUnavailableException()
        : this("The dependency answered 503.")
    {
    }

    /// <inheritdoc/>
    public ApiUnavailableException(string message)
        : this(message, null)
    {
    }

    /// <inheritdoc/>
    public ApiUnavailableException(string message, Exception? innerException)
        : this(message, innerException, HttpStatusCode.ServiceUnavailable)
    {
    }

    /// <summary>The wait that the server asked for in <c>Retry-After</c>, if it did.</summary>
    public TimeSpan? RetryAfter { get => Answer.RetryAfter ?? (InnerException as HttpStatusException)?.RetryAfter; init => Answer = Answer with { RetryAfter = value }; }

    /// <summary>The problem details of the last answer, if it had any.</summary>
    public ApiProblem? Problem { get => Answer.Problem ?? (InnerException as HttpStatusException)?.Problem; init => Answer = Answer with { Problem = value }; }

    /// <summary>The first 4 KiB of the body of the last answer as text, if it was read. It may contain anything: do not log it unchecked.</summary>
    public string? BodyExcerpt { get => Answer.BodyExcerpt ?? (InnerException as HttpStatusException)?.BodyExcerpt; init => Answer = Answer with { BodyExcerpt = value }; }

    internal AnswerDetails Answer { get; set; }
}

/// <summary>The dependency answered 500, or another 5xx for which a retry does not help: it broke (guide: "What Should Be Retried?"). Degrade gracefully.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the answer, for <see cref="HttpRequestException.StatusCode"/>.</param>
public sealed class ApiServerErrorException(string message, Exception? innerException, HttpStatusCode statusCode) : ApiConnectionException(message, innerException, statusCode)
{
    /// <inheritdoc/>
    public ApiServerErrorException()
        : this("The dependency answered 500.")
    {
    }

    /// <inheritdoc/>
    public ApiServerErrorException(string message)
        : this(message, null)
    {
    }

    /// <inheritdoc/>
    public ApiServerErrorException(string message, Exception? innerException)
        : this(message, innerException, HttpStatusCode.InternalServerError)
    {
    }

    /// <summary>The problem details of the answer, if it had any.</summary>
    public ApiProblem? Problem { get => Answer.Problem ?? (InnerException as HttpStatusException)?.Problem; init => Answer = Answer with { Problem = value }; }

    /// <summary>The first 4 KiB of the body as text, if it was read. It may contain anything: do not log it unchecked.</summary>
    public string? BodyExcerpt { get => Answer.BodyExcerpt ?? (InnerException as HttpStatusException)?.BodyExcerpt; init => Answer = Answer with { BodyExcerpt = value }; }

    internal AnswerDetails Answer { get; set; }
}
