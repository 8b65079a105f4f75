using System.Net;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

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
