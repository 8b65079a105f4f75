using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace Resilience.Polly.Soak;

internal static class Results
{
    /// <summary>What an exception says, in the guide's words or in Polly's.</summary>
    public static Result Of(Exception exception) => exception switch
    {
        OperationCanceledException => Result.Cancelled,
        CircuitOpenException or BrokenCircuitException => Result.CircuitOpen,
        PoolTimeoutException or RateLimiterRejectedException => Result.Refused,
        ApiTimeoutException { Phase: TimeoutPhase.Attempt or TimeoutPhase.Read } or TimeoutRejectedException => Result.TimedOut,
        _ => Result.Failed,
    };
}
