using System.Net;

namespace Resilience.Polly.Failures;

/// <summary>What an HTTP status says about the service, in one place for results and exceptions.</summary>
internal static class HttpStatus
{
    public static FailureKind Classify(HttpStatusCode status, bool asksToRetry = false) => status switch
    {
        _ when IsUnavailable(status) => FailureKind.Transient,

        // "In flight": the service still works on an earlier attempt of this call, and will have its result.
        HttpStatusCode.Conflict when asksToRetry => FailureKind.Transient,
        >= HttpStatusCode.InternalServerError => FailureKind.Permanent,
        _ => FailureKind.None,
    };

    public static FailureKind Classify(HttpResponseMessage response) =>
        response.IsSuccessStatusCode
            ? GrpcStatus.Classify(response) ?? FailureKind.None
            : Classify(response.StatusCode, response.StatusCode == HttpStatusCode.Conflict && RetryAfterHint.Of(response, TimeProvider.System) is not null);

    public static bool IsUnavailable(HttpStatusCode status) => status is
        HttpStatusCode.RequestTimeout or
        HttpStatusCode.TooManyRequests or
        HttpStatusCode.BadGateway or
        HttpStatusCode.ServiceUnavailable or
        HttpStatusCode.GatewayTimeout;
}

/// <summary>
/// The status of a gRPC call whose answer has only headers: HTTP 200 with <c>grpc-status</c>. After a body, the status is in the
/// trailers, which have not been read when the call ends.
/// </summary>
internal static class GrpcStatus
{
    /// <summary>What the status says about the service, or <see langword="null"/> if the headers of the answer have none.</summary>
    public static FailureKind? Classify(HttpResponseMessage response) => Of(response) switch
    {
        null => null,
        "4" or "8" or "14" => FailureKind.Transient, // deadline exceeded, resource exhausted, unavailable
        _ => FailureKind.None,
    };

    public static string? Of(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("grpc-status", out var status) ? status.ToString() : null;
}
