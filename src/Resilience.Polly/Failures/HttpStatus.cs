using System.Net;

namespace Resilience.Polly;

/// <summary>What an HTTP status says about the service, stated once for results and exceptions.</summary>
internal static class HttpStatus
{
    public static FailureKind Classify(HttpStatusCode status) => status switch
    {
        _ when IsUnavailable(status) => FailureKind.Transient,
        >= HttpStatusCode.InternalServerError => FailureKind.Permanent,
        _ => FailureKind.None,
    };

    public static bool IsUnavailable(HttpStatusCode status) => status is
        HttpStatusCode.RequestTimeout or
        HttpStatusCode.TooManyRequests or
        HttpStatusCode.BadGateway or
        HttpStatusCode.ServiceUnavailable or
        HttpStatusCode.GatewayTimeout;
}
