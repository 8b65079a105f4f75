using System.Net;
using System.Net.Sockets;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Resilience.Polly;

/// <summary>Turns what a delegate threw into the guide's exceptions; what is none of these passes untouched.</summary>
internal static class ExceptionMapper
{
    public static Exception Map(Exception exception, in FailureContext call) => exception switch
    {
        // Mapped already, by a nested pipeline or a client; each of these is an HttpRequestException too.
        ApiException => exception,
        TimeoutRejectedException timeout => TimedOut(timeout, TimeoutPhase.Attempt, timeout.Timeout, call),
        TimeoutException or OperationCanceledException { InnerException: TimeoutException } => TimedOut(exception, TimeoutPhase.Attempt, null, call),
        BrokenCircuitException broken => Rejections.NestedCircuitOpen(broken, call),
        ExecutionRejectedException => Rejections.NoRoom("a nested pipeline rejected the call", null, call, exception),
        PhaseTimeoutException { Phase: TimeoutPhase.Pool } full => Rejections.NoConnection(full, call),
        PhaseTimeoutException timeout => TimedOut(timeout, timeout.Phase, timeout.Limit, call),
        HttpRequestException { StatusCode: { } status } => AnsweredWith(status, call, exception),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => OverLimit(exception, call),
        HttpRequestException or HttpIOException or SocketException or IOException { InnerException: SocketException } => Unreachable(exception, call),
        _ => exception,
    };

    /// <summary>The exception for a limit of the pipeline itself.</summary>
    public static ApiTimeoutException TimedOut(Exception original, TimeoutPhase phase, TimeSpan? limit, in FailureContext call) =>
        new($"Pipeline '{call.PipelineName}' timed out{(limit is { } l ? $" after {Text.Of(l)}" : "")} ({Text.Of(phase)}) {call.AttemptsMade}. " +
            "Check the health of the dependency, or give it more time in the pipeline's Timeout block.", original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, Phase = phase, Limit = limit,
        };

    private static ApiConnectionException Unreachable(Exception original, in FailureContext call) =>
        new($"Pipeline '{call.PipelineName}' could not reach its dependency {call.AttemptsMade}. " +
            "Degrade gracefully, or check its address and health.", original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts,
        };

    private static ApiConnectionException OverLimit(Exception original, in FailureContext call) =>
        new($"The dependency of pipeline '{call.PipelineName}' answered with more than a limit of the client allows, such as " +
            "HttpClient.MaxResponseContentBufferSize. Raise the limit, or stream the answer.", original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts,
        };

    private static ApiException AnsweredWith(HttpStatusCode status, in FailureContext call, Exception original)
    {
        if (HttpStatus.IsUnavailable(status))
        {
            return new ServiceUnavailableException(
                $"The dependency of pipeline '{call.PipelineName}' answered {(int)status} {call.AttemptsMade}. Degrade gracefully or try again later.", original, status)
            {
                PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts,
            };
        }

        var message = $"The dependency of pipeline '{call.PipelineName}' answered {(int)status}. A retry does not mend this; " +
            ((int)status >= 500 ? "the service has a fault." : "correct the request.");
        if (original is HttpStatusException { StatusCode: HttpStatusCode.Conflict, RetryAfter: not null })
        {
            message = $"The dependency of pipeline '{call.PipelineName}' answered 409 {call.AttemptsMade}: it is still at work on this request. Ask again later.";
        }

        var (name, id, attempts) = (call.PipelineName, call.RequestId, call.Attempts);
        return status switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity =>
                new InvalidRequestException(message, original, status) { PipelineName = name, RequestId = id, Attempts = attempts },
            HttpStatusCode.Unauthorized => new UnauthorizedException(message, original) { PipelineName = name, RequestId = id, Attempts = attempts },
            HttpStatusCode.Forbidden => new ForbiddenException(message, original) { PipelineName = name, RequestId = id, Attempts = attempts },
            HttpStatusCode.NotFound => new NotFoundException(message, original) { PipelineName = name, RequestId = id, Attempts = attempts },
            HttpStatusCode.Conflict => new ConflictException(message, original) { PipelineName = name, RequestId = id, Attempts = attempts },
            _ => new ApiStatusException(message, original, status) { PipelineName = name, RequestId = id, Attempts = attempts },
        };
    }
}
