using Polly;
using Polly.Retry;
using Polly.Telemetry;

namespace Resilience.Polly.Events;

/// <summary>Reports attempts and retries to Polly's telemetry, as Polly's retry does. The first attempt has the number 1; Polly counts from 0.</summary>
internal static class RetryReports
{
    /// <summary>An attempt has ended.</summary>
    public static void Attempted<TResult>(
        ResilienceStrategyTelemetry retry, ResilienceContext context, Outcome<TResult> outcome, int attempt, TimeSpan took, bool isTransient, bool isLast) =>
        retry.Report(
            new ResilienceEvent(
                !isTransient ? ResilienceEventSeverity.Information : isLast ? ResilienceEventSeverity.Error : ResilienceEventSeverity.Warning, "ExecutionAttempt"),
            context,
            outcome,
            new ExecutionAttemptArguments(attempt - 1, took, isTransient));

    /// <summary>The call is made again after a wait.</summary>
    public static void Retrying<TResult>(ResilienceStrategyTelemetry retry, ResilienceContext context, Outcome<TResult> outcome, int attempt, TimeSpan wait, TimeSpan took) =>
        retry.Report(
            new ResilienceEvent(ResilienceEventSeverity.Warning, "OnRetry"), context, outcome, new OnRetryArguments<TResult>(context, outcome, attempt - 1, wait, took));
}
