using System.Net;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Resilience.Polly;

/// <summary>Turns what a delegate threw into the guide's exceptions, by the <see cref="FailureTable"/>; what is not in it passes untouched.</summary>
internal static class ExceptionMapper
{
    /// <param name="exception">What was thrown.</param>
    /// <param name="call">The call that failed.</param>
    /// <param name="isTimeout">Whether a cancellation is known not to be the caller's, so that it is a timeout. Outside a pipeline nobody knows.</param>
    public static Exception Map(Exception exception, in FailureContext call, bool isTimeout = false)
    {
        // A nested pipeline or a client has mapped it already. A status exception of one's own for 5xx is infrastructure like that status itself.
        if (exception is ApiException and not ApiStatusException)
        {
            return exception;
        }

        if (FailureTable.Find(exception) is not { } row || (exception is ApiStatusException && row.Kind == FailureKind.None))
        {
            return exception;
        }

        var mayBeCallers = row.Cause is OperationCanceledException { InnerException: not TimeoutException } && !isTimeout;
        return mayBeCallers ? exception : row.Map(row.Cause, exception, call);
    }

    /// <summary>The exception for a limit of the pipeline itself.</summary>
    public static ApiTimeoutException TimedOut(Exception original, TimeoutPhase phase, TimeSpan? limit, in FailureContext call) =>
        new($"Pipeline '{call.PipelineName}' timed out{(limit is { } l ? $" after {Text.Of(l)}" : "")} ({Text.Of(phase)}) {call.AttemptsMade}. " +
            "Check the health of the dependency, or give it more time in the pipeline's Timeout block.", original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, Phase = phase, Limit = limit,
        };

    public static ApiException TimedOut(Exception cause, Exception original, in FailureContext call) => cause switch
    {
        TimeoutRejectedException timeout => TimedOut(original, TimeoutPhase.Attempt, timeout.Timeout, call),
        PhaseTimeoutException timeout => TimedOut(original, timeout.Phase, timeout.Limit, call),
        ApiTimeoutException timeout => TimedOut(original, timeout.Phase, timeout.Limit, call),
        _ => TimedOut(original, TimeoutPhase.Attempt, null, call),
    };

    public static ApiException CircuitOpen(Exception cause, Exception original, in FailureContext call) =>
        Rejections.NestedCircuitOpen(original, (cause as BrokenCircuitException)?.RetryAfter ?? (cause as CircuitOpenException)?.RetryAfter, call);

    public static ApiException NoRoom(Exception cause, Exception original, in FailureContext call) =>
        Rejections.NoRoom("a nested pipeline or an added strategy rejected the call", (cause as PoolTimeoutException)?.Limit, call, original, "more there");

    public static ApiException NoConnection(Exception cause, Exception original, in FailureContext call) =>
        Rejections.NoConnection(((PhaseTimeoutException)cause).Limit, original, call);

    public static ApiException Unreachable(Exception cause, Exception original, in FailureContext call) =>
        new ApiConnectionException(
            $"Pipeline '{call.PipelineName}' could not reach its dependency {call.AttemptsMade}. Degrade gracefully, or check its address and health.", original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts,
        };

    public static ApiException OverLimit(Exception cause, Exception original, in FailureContext call) =>
        new ApiConnectionException(
            $"The dependency of pipeline '{call.PipelineName}' answered with more than a limit of the client allows, such as " +
            "HttpClient.MaxResponseContentBufferSize. Raise the limit, or stream the answer.", original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts,
        };

    public static ApiException Answered(Exception cause, Exception original, in FailureContext call)
    {
        var (status, details) = (((HttpRequestException)cause).StatusCode!.Value, AnswerDetails.Of(cause));
        var (name, id, attempts) = (call.PipelineName, call.RequestId, call.Attempts);
        var said = $"The dependency of pipeline '{name}' answered {(int)status}";
        if (HttpStatus.IsUnavailable(status))
        {
            return new ServiceUnavailableException($"{said} {call.AttemptsMade}. Degrade gracefully or try again later.", original, status)
            {
                PipelineName = name, RequestId = id, Attempts = attempts,
                RetryAfter = details.RetryAfter, Problem = details.Problem, BodyExcerpt = details.BodyExcerpt,
            };
        }

        if (status >= HttpStatusCode.InternalServerError)
        {
            return new ServerErrorException($"{said}: the service has a fault, and a retry does not mend it. Degrade gracefully.", original, status)
            {
                PipelineName = name, RequestId = id, Attempts = attempts, Problem = details.Problem, BodyExcerpt = details.BodyExcerpt,
            };
        }

        var message = status == HttpStatusCode.Conflict && details.RetryAfter is not null
            ? $"{said} {call.AttemptsMade}: it is still at work on this request. Ask again later."
            : $"{said}. A retry does not mend this; correct the request.";
        return Refused(status, message, original, call, details);
    }

    private static ApiStatusException Refused(HttpStatusCode status, string message, Exception original, in FailureContext call, in AnswerDetails details)
    {
        var (name, id, attempts, problem, excerpt) = (call.PipelineName, call.RequestId, call.Attempts, details.Problem, details.BodyExcerpt);
        return status switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity =>
                new InvalidRequestException(message, original, status) { PipelineName = name, RequestId = id, Attempts = attempts, Problem = problem, BodyExcerpt = excerpt },
            HttpStatusCode.Unauthorized =>
                new UnauthorizedException(message, original) { PipelineName = name, RequestId = id, Attempts = attempts, Problem = problem, BodyExcerpt = excerpt },
            HttpStatusCode.Forbidden =>
                new ForbiddenException(message, original) { PipelineName = name, RequestId = id, Attempts = attempts, Problem = problem, BodyExcerpt = excerpt },
            HttpStatusCode.NotFound =>
                new NotFoundException(message, original) { PipelineName = name, RequestId = id, Attempts = attempts, Problem = problem, BodyExcerpt = excerpt },
            HttpStatusCode.Conflict =>
                new ConflictException(message, original) { PipelineName = name, RequestId = id, Attempts = attempts, Problem = problem, BodyExcerpt = excerpt },
            _ => new ApiStatusException(message, original, status) { PipelineName = name, RequestId = id, Attempts = attempts, Problem = problem, BodyExcerpt = excerpt },
        };
    }
}
