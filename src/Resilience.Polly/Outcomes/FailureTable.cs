using System.Data.Common;
using System.Net.Sockets;
using System.Security.Authentication;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Resilience.Polly.Failures;

namespace Resilience.Polly.Outcomes;

/// <summary>
/// The guide's lists of what to retry and what not (guide: "What Should Be Retried?"), as one table. Each row holds the verdict on an exception and
/// the exception that the caller gets, so the two cannot disagree. A fallback runs if that is an <see cref="ApiConnectionException"/>.
/// </summary>
internal static class FailureTable
{
    /// <summary>The wait that the service asks for in its answer.</summary>
    public static TimeSpan? RetryAfterOf<TResult>(Outcome<TResult> outcome, ResilienceContext context, TimeProvider clock) => outcome switch
    {
        { Exception: { } exception } => Find(AttemptFailure.Judged(exception, context) ?? exception) is { } row ? AnswerDetails.Of(row.Cause).RetryAfter : null,
        { Result: HttpResponseMessage response } => RetryAfterHint.Of(response, clock),
        _ => null,
    };

    /// <summary>The row of the first exception that has one, of <paramref name="exception"/> and its inner exceptions, from the outermost inwards.</summary>
    public static FailureRow? Find(Exception exception)
    {
        foreach (var inside in new ExceptionWalk(exception))
        {
            if (RowOf(inside) is { } row)
            {
                return row;
            }
        }

        return null;
    }

    /// <summary>The row of an exception without its inner exceptions; <see langword="null"/> if it is not in the table.</summary>
    public static FailureRow? RowOf(Exception exception) => exception switch
    {
        // Rejected here or by a nested pipeline: the dependency was not reached.
        CircuitOpenException or BrokenCircuitException => new(exception, FailureKind.Unrelated, ExceptionMapper.CircuitOpen),
        PoolTimeoutException => new(exception, FailureKind.Unrelated, ExceptionMapper.NoRoom),
        QueueShutdownException => new(exception, FailureKind.Unrelated, ExceptionMapper.Unreachable),
        TimeoutRejectedException => new(exception, FailureKind.Transient, ExceptionMapper.TimedOut, IsTimeout: true),
        ExecutionRejectedException => new(exception, FailureKind.Unrelated, ExceptionMapper.NoRoom),

        // A full connection pool says nothing about the dependency, like a full bulkhead.
        PhaseTimeoutException { Phase: TimeoutPhase.Pool } => new(exception, FailureKind.Unrelated, ExceptionMapper.NoConnection, IsTimeout: true),
        PhaseTimeoutException or ApiTimeoutException => new(exception, FailureKind.Transient, ExceptionMapper.TimedOut, IsTimeout: true),

        // A cancellation by a limit of the delegate, or of a client inside it. One by the caller never gets here.
        OperationCanceledException or TimeoutException => new(exception, FailureKind.Transient, ExceptionMapper.TimedOut, IsTimeout: true),

        // An answer with a status, which a nested pipeline may have mapped already. The answer of a proxy to CONNECT is not one of the service.
        HttpStatusException answer => new(exception, HttpStatus.Classify(answer.StatusCode!.Value, answer.RetryAfter is not null), ExceptionMapper.Answered),
        HttpRequestException { StatusCode: { } status, HttpRequestError: not HttpRequestError.ProxyTunnelError } =>
            new(exception, HttpStatus.Classify(status), ExceptionMapper.Answered),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new(exception, FailureKind.Permanent, ExceptionMapper.OverLimit),
        HttpRequestException http => new(exception, Classify(http), ExceptionMapper.Unreachable),
        SocketException or HttpIOException => new(exception, FailureKind.Transient, ExceptionMapper.Unreachable),
        DbException database when DatabaseFailure.IsTransient(database) => new(exception, FailureKind.Transient, ExceptionMapper.Unreachable),
        _ => null,
    };

    private static FailureKind Classify(HttpRequestException exception) => exception.HttpRequestError switch
    {
        // Waiting does not help: wrong certificates, protocols or limits.
        HttpRequestError.SecureConnectionError when HasWrongCertificate(exception) => FailureKind.Permanent,
        HttpRequestError.UserAuthenticationError or
        HttpRequestError.VersionNegotiationError or
        HttpRequestError.ExtendedConnectNotSupported => FailureKind.Permanent,
        _ => FailureKind.Transient,
    };

    // Anywhere inside: a nested pipeline may have mapped it.
    private static bool HasWrongCertificate(HttpRequestException exception)
    {
        foreach (var inside in new ExceptionWalk(exception))
        {
            if (inside is AuthenticationException)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>What the table of failures says about one exception.</summary>
/// <param name="Cause">The known exception: the one thrown, or one inside it.</param>
/// <param name="Kind">What it says about the dependency.</param>
/// <param name="Map">Creates the exception for the caller.</param>
/// <param name="IsTimeout">Whether the call counts as timed out.</param>
internal readonly record struct FailureRow(Exception Cause, FailureKind Kind, FailureMapping Map, bool IsTimeout = false);

/// <param name="cause">The exception in the table.</param>
/// <param name="original">The exception that was thrown, with the cause somewhere inside.</param>
/// <param name="call">The call that failed.</param>
internal delegate ApiCallException FailureMapping(Exception cause, Exception original, in FailureContext call);
