using System.Net;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

/// <summary>The dependency answered with an error that a retry cannot mend: fix the request.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the answer, from then on in <see cref="HttpRequestException.StatusCode"/>.</param>
public class ApiStatusException(string message, Exception? innerException, HttpStatusCode statusCode) : ApiException(message, innerException, statusCode)
{
    /// <summary>The problem details of the answer, where it had any.</summary>
    public ApiProblem? Problem { get => Answer.Problem ?? (InnerException as HttpStatusException)?.Problem; init => Answer = Answer with { Problem = value }; }

    /// <summary>The first 4 KiB of the body as text, where it was read. It may hold anything: do not log it unseen.</summary>
    public string? BodyExcerpt { get => Answer.BodyExcerpt ?? (InnerException as HttpStatusException)?.BodyExcerpt; init => Answer = Answer with { BodyExcerpt = value }; }

    /// <summary>What is known of the answer.</summary>
    internal AnswerDetails Answer { get; set; }
}

/// <summary>400 or 422: the request is malformed or not valid.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the answer; 400 where it is left out.</param>
public sealed class InvalidRequestException(string message, Exception? innerException = null, HttpStatusCode statusCode = HttpStatusCode.BadRequest)
    : ApiStatusException(message, innerException, statusCode);

/// <summary>401: the credentials are missing or wrong.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class UnauthorizedException(string message, Exception? innerException = null)
    : ApiStatusException(message, innerException, HttpStatusCode.Unauthorized);

/// <summary>403: the caller may not do this.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class ForbiddenException(string message, Exception? innerException = null)
    : ApiStatusException(message, innerException, HttpStatusCode.Forbidden);

/// <summary>404: there is no such resource.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class NotFoundException(string message, Exception? innerException = null)
    : ApiStatusException(message, innerException, HttpStatusCode.NotFound);

/// <summary>409: the request does not fit the present state of the resource.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class ConflictException(string message, Exception? innerException = null)
    : ApiStatusException(message, innerException, HttpStatusCode.Conflict);

/// <summary>What a service said about an error in a body of the type <c>application/problem+json</c> (RFC 9457).</summary>
public sealed record ApiProblem
{
    /// <summary>Names the kind of the problem, usually an address; <see langword="null"/> where it was not given.</summary>
    public string? Type { get; init; }

    /// <summary>The kind of the problem in a few words.</summary>
    public string? Title { get; init; }

    /// <summary>The status as the body repeats it.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>What went wrong with this one request.</summary>
    public string? Detail { get; init; }

    /// <summary>Names this one occurrence.</summary>
    public string? Instance { get; init; }
}
