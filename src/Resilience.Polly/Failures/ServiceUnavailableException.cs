using System.Net;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

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
