using System.Data.Common;
using System.Net.Sockets;
using System.Security.Authentication;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Resilience.Polly.Failures;

namespace Resilience.Polly.Outcomes;

/// <summary>
/// The guide's lists of what to retry and what not (guide: "What Should Be Retried?"), as one table: each row says what an exception tells about the
/// dependency and what the caller gets for it, so that the two cannot disagree. A fallback runs for what becomes an <see cref="ApiConnectionException"/>.
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

    /// <summary>The row of the first exception that has one, of <paramref name="exception"/> and those inside it from the outermost inwards.</summary>
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

    /// <summary>The row of an exception by itself, those inside it left aside; <see langword="null"/> where it is not in the table.</summary>
    public static FailureRow? RowOf(Exception exception) => exception switch
    {
        // Rejected here or by a nested pipeline: the dependency was not reached.
        CircuitOpenException or BrokenCircuitException => new(exception, FailureKind.Unrelated, ExceptionMapper.CircuitOpen),
        PoolTimeoutException => new(exception, FailureKind.Unrelated, ExceptionMapper.NoRoom),
        QueueShutdownException => new(exception, FailureKind.Unrelated, ExceptionMapper.Unreachable),
        TimeoutRejectedException => new(exception, FailureKind.Transient, ExceptionMapper.TimedOut, IsTimeout: true),
        ExecutionRejectedException => new(exception, FailureKind.Unrelated, ExceptionMapper.NoRoom),

        // A full connection pool is no word of the dependency, just as a full bulkhead is none.
        PhaseTimeoutException { Phase: TimeoutPhase.Pool } => new(exception, FailureKind.Unrelated, ExceptionMapper.NoConnection, IsTimeout: true),
        PhaseTimeoutException or ApiTimeoutException => new(exception, FailureKind.Transient, ExceptionMapper.TimedOut, IsTimeout: true),

        // A cancellation that is not the caller's, which never gets here: a limit that the delegate, or a client inside it, has set itself.
        OperationCanceledException or TimeoutException => new(exception, FailureKind.Transient, ExceptionMapper.TimedOut, IsTimeout: true),

        // An answer with a status, which a nested pipeline may have mapped already. That of a proxy to CONNECT is none of the service.
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
        // Nothing that waiting mends: wrong certificates, protocols or limits.
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
/// <param name="Cause">The exception, alone or inside the one that was thrown.</param>
/// <param name="Kind">What it tells about the dependency.</param>
/// <param name="Map">Makes what the caller gets.</param>
/// <param name="IsTimeout">Whether the call counts as timed out.</param>
internal readonly record struct FailureRow(Exception Cause, FailureKind Kind, FailureMapping Map, bool IsTimeout = false);

/// <param name="cause">The exception that is in the table.</param>
/// <param name="original">What was thrown, with the cause somewhere inside.</param>
/// <param name="call">The call that failed.</param>
internal delegate ApiCallException FailureMapping(Exception cause, Exception original, in FailureContext call);
