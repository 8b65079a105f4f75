using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Events;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Pipeline {Pipeline}")]
    public static partial void PipelineReady(ILogger logger, string pipeline);

    [LoggerMessage(2, LogLevel.Information, "Settings changed. Pipeline {Pipeline}")]
    public static partial void PipelineChanged(ILogger logger, string pipeline);

    [LoggerMessage(3, LogLevel.Warning, "Pipeline '{Pipeline}' is no longer configured; code that holds it keeps its last settings")]
    public static partial void PipelineRemoved(ILogger logger, string pipeline);

    [LoggerMessage(4, LogLevel.Error, "The changed settings are ignored, the last good ones stay in force. {Faults}")]
    public static partial void ReloadRefused(ILogger logger, string faults);

    [LoggerMessage(5, LogLevel.Error, "A resilience listener failed; the event is not reported to it again: {Listener}")]
    public static partial void ListenerFailed(ILogger logger, Exception exception, Type listener);

    [LoggerMessage(6, LogLevel.Error, "Code that listens to changed settings failed, for pipeline '{Pipeline}'")]
    public static partial void ChangeListenerFailed(ILogger logger, Exception exception, string pipeline);

    [LoggerMessage(7, LogLevel.Warning, "A resilience listener is too slow and missed {Count} events: {Listener}")]
    public static partial void EventsLost(ILogger logger, Type listener, long count);

    [LoggerMessage(8, LogLevel.Warning, "Alert: {Message}")]
    public static partial void AlertRaised(ILogger logger, string message);

    [LoggerMessage(9, LogLevel.Information, "Alert is over: {Message}")]
    public static partial void AlertCleared(ILogger logger, string message);

    [LoggerMessage(13, LogLevel.Information, "Pipeline '{Pipeline}' has {To} slots now instead of {From}: {Reason}")]
    public static partial void LimitChanged(ILogger logger, string pipeline, int from, int to, string reason);

    [LoggerMessage(14, LogLevel.Error, "The policy for the slots of pipeline '{Pipeline}' failed; the number of slots does not change")]
    public static partial void LimitPolicyFailed(ILogger logger, Exception exception, string pipeline);

    [LoggerMessage(15, LogLevel.Warning, "Pipeline '{Pipeline}' sheds calls: {Overload}")]
    public static partial void SheddingBegins(ILogger logger, string pipeline, string overload);

    [LoggerMessage(16, LogLevel.Information, "Pipeline '{Pipeline}' sheds no more calls")]
    public static partial void SheddingEnds(ILogger logger, string pipeline);

    [LoggerMessage(17, LogLevel.Error, "The load could not be read; nothing is shed until it can")]
    public static partial void LoadReaderFailed(ILogger logger, Exception exception);

    [LoggerMessage(18, LogLevel.Error, "A check of alerts or load failed; the next one comes in a second")]
    public static partial void PeriodicWorkFailed(ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Warning, "Chaos is on, calls of pipeline '{Pipeline}' fail on purpose: {Chaos}")]
    public static partial void ChaosOn(ILogger logger, string pipeline, string chaos);

    public static void CircuitChanged(ILogger logger, CircuitStateChangedEvent transition)
    {
        var pipeline = transition.Partition is { } partition ? $"{transition.PipelineName} ({partition})" : transition.PipelineName;
        switch (transition.To)
        {
            case CircuitState.Open when transition.FailureCount >= transition.FailureThreshold:
                CircuitOpened(logger, pipeline, transition.FailureCount, transition.FailureThreshold.Value, transition.Reason);
                break;
            case CircuitState.Open:
                CircuitOpened(logger, pipeline, transition.Reason);
                break;
            case CircuitState.HalfOpen:
                CircuitTesting(logger, pipeline, transition.Reason);
                break;
            case CircuitState.Closed:
                CircuitRecovered(logger, pipeline, transition.Reason);
                break;
            default:
                CircuitIsolated(logger, pipeline, transition.Reason);
                break;
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "The circuit of pipeline '{Pipeline}' opened with {Failures} failures in a row (threshold {Threshold}): {Reason}")]
    private static partial void CircuitOpened(ILogger logger, string pipeline, int failures, int threshold, string reason);

    [LoggerMessage(44, LogLevel.Warning, "The circuit of pipeline '{Pipeline}' opened: {Reason}")]
    private static partial void CircuitOpened(ILogger logger, string pipeline, string reason);

    [LoggerMessage(41, LogLevel.Information, "The circuit of pipeline '{Pipeline}' is half-open and tests whether the dependency has recovered: {Reason}")]
    private static partial void CircuitTesting(ILogger logger, string pipeline, string reason);

    [LoggerMessage(42, LogLevel.Information, "The circuit of pipeline '{Pipeline}' closed again: {Reason}")]
    private static partial void CircuitRecovered(ILogger logger, string pipeline, string reason);

    [LoggerMessage(43, LogLevel.Warning, "The circuit of pipeline '{Pipeline}' rejects all calls: {Reason}")]
    private static partial void CircuitIsolated(ILogger logger, string pipeline, string reason);

    [LoggerMessage(45, LogLevel.Warning, "Pipeline '{Pipeline}' keeps the circuit of '{Partition}' closed although its calls fail: {Open} circuits are open, and MaxOpenShare allows no more. Look for a fault on this side")]
    public static partial void OpenShareReached(ILogger logger, string pipeline, string? partition, int open);

    [LoggerMessage(46, LogLevel.Warning, "Pipeline '{Pipeline}' has {MaxPartitions} partitions, the maximum; '{Partition}' and further keys share one")]
    public static partial void PartitionsFull(ILogger logger, string pipeline, string partition, int maxPartitions);

    [LoggerMessage(47, LogLevel.Warning, "Template '{Template}' has {MaxPartitions} pipelines, the most that it may; '{Name}' and further names share '{Overflow}'")]
    public static partial void TemplateFull(ILogger logger, string template, int maxPartitions, string name, string overflow);

    [LoggerMessage(48, LogLevel.Information, "Circuit '{Pipeline}' of all instances is {State}: instance {Instance}: {Reason} (epoch {Epoch})")]
    public static partial void SharedCircuitChanged(ILogger logger, string pipeline, CircuitState state, string? instance, string? reason, long epoch);

    [LoggerMessage(49, LogLevel.Error, "Circuit or bulkhead '{Pipeline}' could not use the shared state; it decides alone meanwhile")]
    public static partial void SharedStateFailed(ILogger logger, Exception exception, string pipeline);

    [LoggerMessage(50, LogLevel.Information, "Part '{Part}' of a scatter-gather failed, its fallback gave the value: {Failure}")]
    public static partial void PartFellBack(ILogger logger, string part, string failure);

    [LoggerMessage(51, LogLevel.Warning, "Part '{Part}' of a scatter-gather failed and is missing: {Failure}")]
    public static partial void PartMissing(ILogger logger, string part, string failure);

    [LoggerMessage(52, LogLevel.Warning, "A scatter-gather is degraded, {Count} of {Total} parts: {Parts}")]
    public static partial void GatherDegraded(ILogger logger, int count, int total, string parts);

    [LoggerMessage(60, LogLevel.Warning,
        "The in-memory idempotency store is full ({MaxEntries} entries, {MaxBytes} bytes) and forgets the oldest results. A repeated request with such a key executes again")]
    public static partial void IdempotentResultsForgotten(ILogger logger, int maxEntries, long maxBytes);

    [LoggerMessage(30, LogLevel.Information, "Queue {Queue}")]
    public static partial void QueueReady(ILogger logger, string queue);

    [LoggerMessage(31, LogLevel.Information, "Settings changed. Queue {Queue}")]
    public static partial void QueueChanged(ILogger logger, string queue);

    [LoggerMessage(32, LogLevel.Warning, "Queue '{Queue}' is no longer configured; it keeps its last settings")]
    public static partial void QueueRemoved(ILogger logger, string queue);

    [LoggerMessage(33, LogLevel.Warning, "Queue '{Queue}' met saturation: {Count} runs found no room, and their items went back; {Waiting} wait")]
    public static partial void QueueSaturated(ILogger logger, string queue, int count, int waiting);

    [LoggerMessage(34, LogLevel.Information, "Queue '{Queue}' shuts down: {Waiting} items wait, {Running} run; it continues for {Limit} at most")]
    public static partial void QueueDraining(ILogger logger, string queue, int waiting, int running, string limit);

    [LoggerMessage(35, LogLevel.Warning, "Queue '{Queue}' handed back {Count} items that it could not finish; {Begun} of them had started")]
    public static partial void QueueHandedBack(ILogger logger, string queue, int count, int begun);
}
