using System.Net;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

/// <summary>The dependency answered with an error for which a retry does not help: correct the request.</summary>
public class ApiStatusException : ApiCallException
{
    /// <inheritdoc/>
    public ApiStatusException()
        : this("The dependency refused the request.")
    {
    }

    /// <inheritdoc/>
    public ApiStatusException(string message)
        : this(message, null)
    {
    }

    /// <inheritdoc/>
    public ApiStatusException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <inheritdoc cref="ApiCallException(string, Exception, HttpStatusCode?)"/>
    public ApiStatusException(string message, Exception? innerException, HttpStatusCode statusCode)
        : base(message, innerException, statusCode)
    {
    }

    /// <summary>The problem details of the answer, if it had any.</summary>
    public ApiProblem? Problem { get => Answer.Problem ?? (InnerException as HttpStatusException)?.Problem; init => Answer = Answer with { Problem = value }; }

    /// <summary>The first 4 KiB of the body as text, if it was read. It may contain anything: do not log it unchecked.</summary>
    public string? BodyExcerpt { get => Answer.BodyExcerpt ?? (InnerException as HttpStatusException)?.BodyExcerpt; init => Answer = Answer with { BodyExcerpt = value }; }

    internal AnswerDetails Answer { get; set; }
}

/// <summary>400 or 422: the request is malformed or not valid.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
/// <param name="statusCode">The status of the answer, for <see cref="HttpRequestException.StatusCode"/>.</param>
public sealed class InvalidRequestException(string message, Exception? innerException, HttpStatusCode statusCode) : ApiStatusException(message, innerException, statusCode)
{
    /// <inheritdoc/>
    public InvalidRequestException()
        : this("The dependency answered 400.")
    {
    }

    /// <inheritdoc/>
    public InvalidRequestException(string message)
        : this(message, null)
    {
    }

    /// <inheritdoc/>
    public InvalidRequestException(string message, Exception? innerException)
        : this(message, innerException, HttpStatusCode.BadRequest)
    {
    }
}

/// <summary>401: the credentials are missing or wrong.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class ApiUnauthorizedException(string message, Exception? innerException) : ApiStatusException(message, innerException, HttpStatusCode.Unauthorized)
{
    /// <inheritdoc/>
    public ApiUnauthorizedException()
        : this("The dependency answered 401.")
    {
    }

    /// <inheritdoc/>
    public ApiUnauthorizedException(string message)
        : this(message, null)
    {
    }
}

/// <summary>403: the caller may not do this.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class ApiForbiddenException(string message, Exception? innerException) : ApiStatusException(message, innerException, HttpStatusCode.Forbidden)
{
    /// <inheritdoc/>
    public ApiForbiddenException()
        : this("The dependency answered 403.")
    {
    }

    /// <inheritdoc/>
    public ApiForbiddenException(string message)
        : this(message, null)
    {
    }
}

/// <summary>404: there is no such resource.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class NotFoundException(string message, Exception? innerException) : ApiStatusException(message, innerException, HttpStatusCode.NotFound)
{
    /// <inheritdoc/>
    public NotFoundException()
        : this("The dependency answered 404.")
    {
    }

    /// <inheritdoc/>
    public NotFoundException(string message)
        : this(message, null)
    {
    }
}

/// <summary>409: the request conflicts with the current state of the resource.</summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public sealed class ApiConflictException(string message, Exception? innerException) : ApiStatusException(message, innerException, HttpStatusCode.Conflict)
{
    /// <inheritdoc/>
    public ApiConflictException()
        : this("The dependency answered 409.")
    {
    }

    /// <inheritdoc/>
    public ApiConflictException(string message)
        : this(message, null)
    {
    }
}
