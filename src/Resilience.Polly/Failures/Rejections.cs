using Polly.CircuitBreaker;
using Polly.RateLimiting;

namespace Resilience.Polly;

/// <summary>The exceptions for calls that the pipeline does not let through, in the guide's words and in Polly's.</summary>
internal static class Rejections
{
    private const string MoreSlots = "more in the pipeline's Bulkhead block";

    public static Exception CircuitOpen(TimeSpan? retryAfter, in FailureContext call, bool mapped) =>
        mapped ? new CircuitOpenException { PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, RetryAfter = retryAfter }
        : retryAfter is { } wait ? new BrokenCircuitException(CircuitOpenMessage(call.PipelineName, retryAfter), wait)
        : new IsolatedCircuitException(CircuitOpenMessage(call.PipelineName, retryAfter));

    public static string CircuitOpenMessage(string? pipelineName, TimeSpan? retryAfter) => CircuitOpenMessage(pipelineName, Why(retryAfter));

    /// <summary>In the guide's words what was said in Polly's.</summary>
    public static ApiConnectionException CircuitOpen(Exception said, TimeSpan? retryAfter, in FailureContext call) =>
        new CircuitOpenException(said.Message, said)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, RetryAfter = retryAfter,
        };

    /// <summary>In the guide's words what was said in Polly's.</summary>
    public static ApiConnectionException BulkheadFull(Exception said, TimeSpan waited, in FailureContext call) =>
        new PoolTimeoutException(said.Message, said)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, Limit = waited,
        };

    /// <summary>For the rejection by a circuit inside the delegate, which is not the pipeline's own.</summary>
    public static CircuitOpenException NestedCircuitOpen(Exception original, TimeSpan? retryAfter, in FailureContext call) =>
        new(CircuitOpenMessage(call.PipelineName, "a circuit that the delegate uses rejected the call. Degrade gracefully."), original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, RetryAfter = retryAfter,
        };

    public static Exception BulkheadFull(string why, TimeSpan waited, in FailureContext call, bool mapped, string more = MoreSlots) =>
        mapped ? NoRoom(why, waited, call, null) : new RateLimiterRejectedException(NoRoomMessage(why, more, call));

    /// <summary>For a call that is given up because the machine is overloaded.</summary>
    public static Exception Shed(string overload, in FailureContext call, bool mapped)
    {
        var message = $"Pipeline '{call.PipelineName}' shed the call: {overload}. Degrade gracefully, or slow down; calls of priority Critical are not shed.";
        return mapped
            ? new PoolTimeoutException(message) { PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, Limit = TimeSpan.Zero }
            : new RateLimiterRejectedException(message);
    }

    /// <summary>For a request that got no connection of the connection pool in time.</summary>
    public static PoolTimeoutException NoConnection(TimeSpan limit, Exception original, in FailureContext call) =>
        NoRoom($"no connection of the pool became free within {Text.Of(limit)}", limit, call, original, "more connections per server");

    public static PoolTimeoutException NoRoom(
        string why, TimeSpan? limit, in FailureContext call, Exception? original, string more = MoreSlots) =>
        new(NoRoomMessage(why, more, call), original)
        {
            PipelineName = call.PipelineName, RequestId = call.RequestId, Attempts = call.Attempts, Limit = limit,
        };

    /// <summary>For a request that found no room in a queue in time.</summary>
    public static PoolTimeoutException QueueFull(string queue, QueueOptions options) =>
        new($"Queue '{queue}' is full: {options.Capacity} requests wait already" +
            $"{(options.EnqueueTimeout == TimeSpan.Zero ? "" : $", and no place became free within {Text.Of(options.EnqueueTimeout)}")}. " +
            "Slow down, degrade gracefully, or allow more in the queue's Capacity.")
        {
            Limit = options.EnqueueTimeout,
        };

    /// <summary>For a request that a queue hands back when it shuts down, or does not accept any more.</summary>
    public static QueueShutdownException QueueShutDown(string queue, bool wasBegun) =>
        new($"Queue '{queue}' shuts down, and the request was {(wasBegun ? "begun but not finished: it may have had an effect" : "not begun")}. " +
            "Do it elsewhere, or keep it for later.")
        {
            QueueName = queue, WasBegun = wasBegun,
        };

    private static string CircuitOpenMessage(string? pipelineName, string why) =>
        $"Circuit breaker is OPEN for pipeline '{pipelineName}': {why}";

    private static string Why(TimeSpan? retryAfter) => retryAfter is { } wait
        ? $"the dependency keeps failing and is tried again in {Text.Of(wait)}. Degrade gracefully until then."
        : "it was isolated by hand and stays so until it is reset.";

    private static string NoRoomMessage(string why, string more, in FailureContext call) =>
        $"Pipeline '{call.PipelineName}' has no room for the call: {why}. Slow down, degrade gracefully, or allow {more}.";
}
