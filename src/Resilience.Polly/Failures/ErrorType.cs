using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Polly;
using Polly.Timeout;

namespace Resilience.Polly.Failures;

/// <summary>The tag <c>error.type</c> by OpenTelemetry's semantic conventions: few values, none of them a message.</summary>
internal static class ErrorType
{
    private const int FirstError = 400;

    /// <summary>The kind of the failure; <see langword="null"/> if the outcome is no failure.</summary>
    public static string? Of<TResult>(Outcome<TResult> outcome) =>
        StatusOf(outcome) is >= FirstError and var status ? status.ToString(CultureInfo.InvariantCulture)
        : outcome.Exception is { } exception ? Of(exception)
        : null;

    public static int? StatusOf<TResult>(Outcome<TResult> outcome) => outcome switch
    {
        { Exception: HttpRequestException { StatusCode: { } status } } => (int)status,
        { Exception: null, Result: HttpResponseMessage response } => (int)response.StatusCode,
        _ => null,
    };

    private static string Of(Exception exception) => exception switch
    {
        TimeoutRejectedException or PhaseTimeoutException or TimeoutException => "timeout",
        ApiTimeoutException and not PoolTimeoutException => "timeout",
        ApiCallException => exception.GetType().FullName!,
        HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: SocketException or IOException or TimeoutException } => Of(exception.InnerException),
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var error } => NameOf(error),
        HttpIOException { HttpRequestError: var error } => NameOf(error),
        _ => exception.GetType().FullName!,
    };

    // As .NET's own HttpClient metrics write them.
    private static string NameOf(HttpRequestError error) =>
        error == HttpRequestError.Unknown ? typeof(HttpIOException).FullName! : JsonNamingPolicy.SnakeCaseLower.ConvertName(error.ToString());
}
