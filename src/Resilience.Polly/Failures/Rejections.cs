using Polly.CircuitBreaker;
using Polly.RateLimiting;

namespace Resilience.Polly;

/// <summary>The exceptions for calls that the pipeline does not let through, in the guide's words and in Polly's.</summary>
internal static class Rejections
{
    public static Exception CircuitOpen(TimeSpan? retryAfter, in FailureContext call, bool mapped) =>
        mapped ? CircuitOpen(retryAfter, call, null)
        : retryAfter is { } wait ? new BrokenCircuitException(CircuitOpenMessage(retryAfter, call), wait)
        : new IsolatedCircuitException(CircuitOpenMessage(retryAfter, call));

    public static CircuitOpenException CircuitOpen(TimeSpan? retryAfter, in FailureContext call, Exception? original) =>
        new(CircuitOpenMessage(retryAfter, call), original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, RetryAfter = retryAfter,
        };

    public static Exception BulkheadFull(string why, TimeSpan waited, in FailureContext call, bool mapped) =>
        mapped ? NoRoom(why, waited, call, null) : new RateLimiterRejectedException(NoRoomMessage(why, call));

    public static PoolTimeoutException NoRoom(string why, TimeSpan? limit, in FailureContext call, Exception? original) =>
        new(NoRoomMessage(why, call), original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, Limit = limit,
        };

    private static string CircuitOpenMessage(TimeSpan? retryAfter, in FailureContext call) =>
        $"Circuit breaker is OPEN for pipeline '{call.PipelineName}': " + (retryAfter is { } wait
            ? $"the dependency keeps failing and is tried again in {Text.Of(wait)}. Degrade gracefully until then."
            : "it was isolated by hand and stays so until it is reset.");

    private static string NoRoomMessage(string why, in FailureContext call) =>
        $"Pipeline '{call.PipelineName}' has no room for the call: {why}. Slow down, degrade gracefully, or allow more in the pipeline's Bulkhead block.";
}
