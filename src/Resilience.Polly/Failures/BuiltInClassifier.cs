using System.Data.Common;
using System.Net.Sockets;
using System.Security.Authentication;
using Polly;
using Polly.Timeout;

namespace Resilience.Polly;

/// <summary>The guide's lists of what to retry and what not (guide: "What Should Be Retried?").</summary>
internal sealed class BuiltInClassifier : IFailureClassifier
{
    public FailureKind? ClassifyException(Exception exception) => exception switch
    {
        // Rejected here or by a nested pipeline: the dependency was not reached.
        CircuitOpenException or PoolTimeoutException or QueueShutdownException => FailureKind.Unrelated,
        TimeoutRejectedException => FailureKind.Transient,
        ExecutionRejectedException => FailureKind.Unrelated,

        // Failures of a nested pipeline or of a client that maps already. Each is an HttpRequestException too, so these come first.
        ApiConnectionException => FailureKind.Transient,
        ApiStatusException { StatusCode: { } answered } => HttpStatus.Classify(answered),

        // A full connection pool is no word of the dependency, just as a full bulkhead is none.
        PhaseTimeoutException timeout => timeout.Phase == TimeoutPhase.Pool ? FailureKind.Unrelated : FailureKind.Transient,
        HttpStatusException answer => HttpStatus.Classify(answer.StatusCode!.Value, answer.RetryAfter is not null),

        // Not the caller's, which never gets here: a limit that the delegate, or a client inside it, has set itself.
        OperationCanceledException => FailureKind.Transient,
        TimeoutException or SocketException => FailureKind.Transient,
        HttpRequestException { StatusCode: { } status } => HttpStatus.Classify(status),
        HttpRequestException http => Classify(http),
        HttpIOException => FailureKind.Transient,
        DbException { IsTransient: true } => FailureKind.Transient,
        _ => null,
    };

    public FailureKind? ClassifyResult<TResult>(TResult result) =>
        result is HttpResponseMessage response ? HttpStatus.Classify(response) : null;

    private static FailureKind Classify(HttpRequestException exception) => exception.HttpRequestError switch
    {
        // Nothing that waiting mends: wrong certificates, protocols or limits.
        HttpRequestError.SecureConnectionError when exception.InnerException is AuthenticationException => FailureKind.Permanent,
        HttpRequestError.UserAuthenticationError or
        HttpRequestError.VersionNegotiationError or
        HttpRequestError.ExtendedConnectNotSupported or
        HttpRequestError.ConfigurationLimitExceeded => FailureKind.Permanent,
        _ => FailureKind.Transient,
    };
}
