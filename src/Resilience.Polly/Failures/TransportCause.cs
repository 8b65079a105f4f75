using System.Net.Sockets;

namespace Resilience.Polly.Failures;

/// <summary>The cause of a failure, as the transport gave it.</summary>
internal static class TransportCause
{
    /// <summary>The first cause that an exception or one inside it names; <see cref="HttpRequestError.Unknown"/> if none does.</summary>
    public static HttpRequestError Of(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (Named(exception) is not HttpRequestError.Unknown and var cause)
            {
                return cause;
            }
        }

        return HttpRequestError.Unknown;
    }

    private static HttpRequestError Named(Exception exception) => exception switch
    {
        HttpRequestException http => http.HttpRequestError,
        HttpIOException io => io.HttpRequestError,
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => HttpRequestError.NameResolutionError,
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => HttpRequestError.ConnectionError,
        _ => HttpRequestError.Unknown, // open connections can end with every other error too
    };
}
