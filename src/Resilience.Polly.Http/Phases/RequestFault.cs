namespace Resilience.Polly.Http.Phases;

/// <summary>
/// Tells a request that .NET refuses to send, such as one with a header that is not ASCII, from one that could not be delivered. The type is the same,
/// but what goes wrong on a connection always has an error code or an <see cref="IOException"/> inside.
/// </summary>
internal static class RequestFault
{
    /// <param name="failure">What a <see cref="SocketsHttpHandler"/> threw, with nobody in between.</param>
    public static bool IsIn(Exception failure) => failure is HttpRequestException http
        ? http is { HttpRequestError: HttpRequestError.Unknown, StatusCode: null } && (http.InnerException is null || IsMisuse(http.InnerException))
            && failure.GetType() == typeof(HttpRequestException)
        : IsMisuse(failure);

    // ObjectDisposedException is one of a connection, or of a handler, that went away meanwhile.
    private static bool IsMisuse(Exception exception) =>
        exception is (InvalidOperationException and not ObjectDisposedException) or ArgumentException or NotSupportedException or FormatException;
}
