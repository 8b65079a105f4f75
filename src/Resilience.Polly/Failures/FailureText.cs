using System.Net.Sockets;
using Polly;
using Polly.Timeout;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Failures;

/// <summary>Short texts on failures for messages, logs and events.</summary>
internal static class FailureText
{
    /// <summary>A failure in a few words, without its message, which may contain anything.</summary>
    public static string Of<TResult>(Outcome<TResult> outcome) => outcome switch
    {
        { Exception: { } exception } => Of(exception),
        { Result: HttpResponseMessage { IsSuccessStatusCode: true } response } when GrpcStatus.Of(response) is { } status => $"gRPC status {status}",
        { Result: HttpResponseMessage response } => $"HTTP {(int)response.StatusCode}",
        _ => $"result {typeof(TResult).Name}",
    };

    /// <summary>An exception in a few words. Only our own messages are repeated: others may contain secrets.</summary>
    public static string Of(Exception exception)
    {
        // If an exception says nothing itself, its inner exception is described. This is a loop, since exceptions can be nested deeply.
        while (exception is HttpRequestException { HttpRequestError: HttpRequestError.Unknown, StatusCode: null, InnerException: { } inner }
            and not (ApiCallException or PhaseTimeoutException))
        {
            exception = inner;
        }

        return exception switch
        {
            ApiCallException => exception.GetType().Name,
            PhaseTimeoutException phase => $"{Text.Of(phase.Phase)} after {Text.Of(phase.Limit)}",
            TimeoutRejectedException timeout => $"timeout after {Text.Of(timeout.Timeout)}",
            SocketException socket => $"{nameof(SocketException)} ({socket.SocketErrorCode})",
            HttpIOException io => $"{nameof(HttpIOException)} ({io.HttpRequestError})",
            HttpRequestException { StatusCode: { } status } => $"HTTP {(int)status}",
            HttpRequestException http => $"{nameof(HttpRequestException)} ({http.HttpRequestError})",
            IOException { InnerException: SocketException socket } => $"{nameof(SocketException)} ({socket.SocketErrorCode})",
            _ => exception.GetType().Name,
        };
    }
}
