using Polly;

namespace Resilience.Polly;

/// <summary>What one call can bring along in the <see cref="ResilienceContext.Properties"/> of its context.</summary>
public static class CallProperties
{
    /// <summary>The id of the call, the same on all its attempts; exceptions carry it (guide: "Idempotency: The Key to Safe Retries").</summary>
    public static readonly ResiliencePropertyKey<string> RequestId = new("Resilience.Polly.RequestId");

    /// <summary>
    /// The attempt timeout of this call, in place of the pipeline's: a duration of 1 millisecond to 1 day, or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>. Anything else makes the call fail with
    /// <see cref="ArgumentOutOfRangeException"/> before anything is done.
    /// </summary>
    public static readonly ResiliencePropertyKey<TimeSpan> AttemptTimeout = new("Resilience.Polly.AttemptTimeout");

    internal static string? RequestIdOf(ResilienceContext context) => context.Properties.TryGetValue(RequestId, out var id) ? id : null;

    internal static ArgumentOutOfRangeException? Check(ResilienceContext context) =>
        context.Properties.TryGetValue(AttemptTimeout, out var timeout) && TimeoutSettings.Limit.Check(timeout) is { } problem
            ? new ArgumentOutOfRangeException(AttemptTimeout.Key, timeout, $"The attempt timeout of the call is {problem}.")
            : null;
}
