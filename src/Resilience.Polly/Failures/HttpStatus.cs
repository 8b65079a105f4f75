using System.Net;

namespace Resilience.Polly.Failures;

/// <summary>What an HTTP status says about the service, stated once for results and exceptions.</summary>
internal static class HttpStatus
{
    public static FailureKind Classify(HttpStatusCode status, bool asksToRetry = false) => status switch
    {
        _ when IsUnavailable(status) => FailureKind.Transient,

        // "In flight": the service is still at work on an earlier attempt of this call, and will have its result.
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
