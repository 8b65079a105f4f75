namespace Resilience.Polly.Failures;

/// <summary>
/// The status of a gRPC call whose answer is nothing but headers: HTTP 200 with <c>grpc-status</c>. One that comes after a body stands in the
/// trailers, which nobody has read when the call ends.
/// </summary>
internal static class GrpcStatus
{
    /// <summary>What the status says about the service, or <see langword="null"/> where the answer has none among its headers.</summary>
    public static FailureKind? Classify(HttpResponseMessage response) => Of(response) switch
    {
        null => null,
        "4" or "8" or "14" => FailureKind.Transient, // deadline exceeded, resource exhausted, unavailable
        _ => FailureKind.None,
    };

    public static string? Of(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("grpc-status", out var status) ? status.ToString() : null;
}
