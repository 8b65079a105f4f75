using System.Net.Sockets;

namespace Resilience.Polly.Failures;

/// <summary>Whether a request can have reached its server (guide: "Idempotency: The Key to Safe Retries").</summary>
internal static class RetrySafety
{
    /// <summary>Whether a failed call may be repeated, according to its <see cref="CallRepetition"/>.</summary>
    public static bool AllowsRepetition(CallRepetition repetition, Exception? failure) => repetition switch
    {
        CallRepetition.Safe => true,
        CallRepetition.OnlyIfNotSent => WasNotSent(failure),
        _ => false,
    };

    /// <summary>Whether the exception, or one inside it, shows that there was no connection to send anything over.</summary>
    public static bool WasNotSent(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (MeansNotSent(exception))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MeansNotSent(Exception exception) => exception switch
    {
        PhaseTimeoutException timeout => timeout.Phase is TimeoutPhase.Connect or TimeoutPhase.Pool,
        ApiTimeoutException timeout => timeout.Phase is TimeoutPhase.Connect or TimeoutPhase.Pool,
        HttpRequestException http => http.HttpRequestError is
            HttpRequestError.NameResolutionError or
            HttpRequestError.ConnectionError or
            HttpRequestError.SecureConnectionError or
            HttpRequestError.ProxyTunnelError,
        SocketException socket => socket.SocketErrorCode is
            SocketError.ConnectionRefused or
            SocketError.HostNotFound or
            SocketError.NoData or
            SocketError.TryAgain, // not HostUnreachable and similar ones: open connections end with these too
        _ => false,
    };
}
