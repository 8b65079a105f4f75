using System.Net;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Resilience.Polly.Failures;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Outcomes;

/// <summary>Turns exceptions of a delegate into the guide's, by the <see cref="FailureTable"/>. Others pass unchanged.</summary>
internal static class ExceptionMapper
{
    /// <param name="exception">The exception.</param>
    /// <param name="call">The call that failed.</param>
    /// <param name="isTimeout">Whether a cancellation is known not to be the caller's, and so a timeout. Outside a pipeline this is unknown.</param>
    public static Exception Map(Exception exception, in FailureContext call, bool isTimeout = false)
    {
        // A nested pipeline or a client has already mapped it. An application's own status exception for 5xx is infrastructure like the status itself.
        if (exception is ApiCallException and not ApiStatusException)
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
        new($"Pipeline {call.Name} timed out{(limit is { } l ? $" after {Text.Of(l)}" : "")} ({Text.Of(phase)}) {call.AttemptsMade}. " +
            "Check the health of the dependency, or give it more time in the pipeline's Timeout block.", original)
        {
            Call = call, Phase = phase, Limit = limit,
        };

    public static ApiCallException TimedOut(Exception cause, Exception original, in FailureContext call) => cause switch
    {
        TimeoutRejectedException timeout => TimedOut(original, TimeoutPhase.Attempt, timeout.Timeout, call),
        PhaseTimeoutException timeout => TimedOut(original, timeout.Phase, timeout.Limit, call),
        ApiTimeoutException timeout => TimedOut(original, timeout.Phase, timeout.Limit, call),
        _ => TimedOut(original, TimeoutPhase.Attempt, null, call),
    };

    /// <summary>For the rejection by a circuit inside the delegate, which is not the pipeline's own.</summary>
    public static ApiCallException CircuitOpen(Exception cause, Exception original, in FailureContext call) =>
        new CircuitOpenException(CircuitOpenException.MessageOf(call, "a circuit that the delegate uses rejected the call. Degrade gracefully."), original)
        {
            Call = call, RetryAfter = (cause as BrokenCircuitException)?.RetryAfter ?? (cause as CircuitOpenException)?.RetryAfter,
        };

    /// <summary>For the rejection by a pipeline inside the delegate, or by a strategy that the application added.</summary>
    public static ApiCallException NoRoom(Exception cause, Exception original, in FailureContext call)
    {
        var message = NoRoomMessage("a nested pipeline or an added strategy rejected the call", "more there", call);
        var limit = (cause as PoolTimeoutException)?.Limit;
        return cause switch
        {
            BulkheadFullException => new BulkheadFullException(message, original) { Call = call, Limit = limit },
            QueueFullException queue => new QueueFullException(message, original) { Call = call, Limit = limit, QueueName = queue.QueueName },
            LoadShedException => new LoadShedException(message, original) { Call = call, Limit = limit },
            RateLimitedException rate => new RateLimitedException(message, original) { Call = call, Limit = limit, RetryAfter = rate.RetryAfter },
            _ => new PoolTimeoutException(message, original) { Call = call, Limit = limit },
        };
    }

    /// <summary>For a request that got no connection of the connection pool in time.</summary>
    public static ApiCallException NoConnection(Exception cause, Exception original, in FailureContext call)
    {
        var limit = ((PhaseTimeoutException)cause).Limit;
        var message = NoRoomMessage($"no connection of the pool became free within {Text.Of(limit)}", "more connections per server", call);
        return new PoolTimeoutException(message, original) { Call = call, Limit = limit };
    }

    public static ApiCallException Unreachable(Exception cause, Exception original, in FailureContext call) =>
        new ApiConnectionException(
            $"Pipeline {call.Name} could not reach its dependency {call.AttemptsMade}. Degrade gracefully, or check its address and health.", original)
        {
            Call = call,
        };

    public static ApiCallException OverLimit(Exception cause, Exception original, in FailureContext call) =>
        new ApiConnectionException(
            $"The dependency of pipeline {call.Name} answered with more than a limit of the client allows, such as " +
            "HttpClient.MaxResponseContentBufferSize. Raise the limit, or stream the answer.", original)
        {
            Call = call,
        };

    public static ApiCallException Answered(Exception cause, Exception original, in FailureContext call)
    {
        var (status, answer) = (((HttpRequestException)cause).StatusCode!.Value, AnswerDetails.Of(cause));
        var said = $"The dependency of pipeline {call.Name} answered {(int)status}";
        if (HttpStatus.IsUnavailable(status))
        {
            return new ApiUnavailableException($"{said} {call.AttemptsMade}. Degrade gracefully or try again later.", original, status) { Call = call, Answer = answer };
        }

        if (status >= HttpStatusCode.InternalServerError)
        {
            return new ApiServerErrorException($"{said}: the service has a fault, and a retry does not help. Degrade gracefully.", original, status) { Call = call, Answer = answer };
        }

        var refused = Refused(
            status,
            status == HttpStatusCode.Conflict && answer.RetryAfter is not null
                ? $"{said} {call.AttemptsMade}: it still works on this request. Ask again later."
                : $"{said}. A retry does not help; correct the request.",
            original);
        (refused.Call, refused.Answer) = (call, answer);
        return refused;
    }

    public static string NoRoomMessage(string why, string more, in FailureContext call) =>
        $"Pipeline {call.Name} {NoRoom(why, more)}";

    /// <summary>The same, after the name of the pipeline.</summary>
    public static string NoRoom(string why, string more) => $"has no room for the call: {why}. Slow down, degrade gracefully, or allow {more}.";

    private static ApiStatusException Refused(HttpStatusCode status, string message, Exception original) => status switch
    {
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => new InvalidRequestException(message, original, status),
        HttpStatusCode.Unauthorized => new ApiUnauthorizedException(message, original),
        HttpStatusCode.Forbidden => new ApiForbiddenException(message, original),
        HttpStatusCode.NotFound => new NotFoundException(message, original),
        HttpStatusCode.Conflict => new ApiConflictException(message, original),
        _ => new ApiStatusException(message, original, status),
    };
}
