using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Resilience.Polly.Failures;
using Resilience.Polly.Statistics;

namespace Resilience.Polly.Outcomes;

/// <summary>Why a pipeline rejected a call. The count, the events and the exception of the caller all come from here.</summary>
/// <param name="By">What rejected the call.</param>
/// <param name="Why">What the pipeline did, why, and what helps. Its text is the message, after the name of the pipeline. It is built when the message is read, since few are read. That of a circuit is a string of <see cref="CircuitOpenException"/>.</param>
/// <param name="RetryAfter">When to try again, if known.</param>
/// <param name="Waited">How long the call waited for room.</param>
/// <param name="Cause">The failure that opened the circuit.</param>
/// <param name="At">The timestamp of the rejection, or zero if the clock was not read.</param>
internal readonly record struct Rejection(RejectedBy By, object? Why, TimeSpan? RetryAfter = null, TimeSpan? Waited = null, Exception? Cause = null, long At = 0)
{
    /// <summary>The result that the call counts as.</summary>
    public CallResult Result => By switch
    {
        RejectedBy.CircuitBreaker => CallResult.CircuitOpen,
        RejectedBy.Bulkhead => CallResult.BulkheadFull,
        RejectedBy.RateLimit => CallResult.RateLimited,
        _ => CallResult.Shed,
    };

    /// <summary>The guide's exception.</summary>
    public ApiConnectionException ToApiException(in FailureContext call) => By switch
    {
        RejectedBy.CircuitBreaker => new CircuitOpenException(call, RetryAfter, (string)Why!, Cause),
        RejectedBy.Bulkhead => new BulkheadFullException { Why = Why, Call = call, Limit = Waited },
        RejectedBy.RateLimit => new RateLimitedException { Why = Why, Call = call, Limit = Waited, RetryAfter = RetryAfter },
        _ => new LoadShedException { Why = Why, Call = call, Limit = Waited },
    };

    /// <summary>Polly's exception.</summary>
    public Exception ToPollyException(in FailureContext call) => (By, RetryAfter) switch
    {
        (RejectedBy.CircuitBreaker, { } wait) => new BrokenCircuitException(Message(call), wait, Cause!),
        (RejectedBy.CircuitBreaker, null) => new IsolatedCircuitException(Message(call)),
        (RejectedBy.RateLimit, { } wait) => new RateLimiterRejectedException(Message(call), wait),
        _ => new RateLimiterRejectedException(Message(call)),
    };

    /// <summary>The guide's exception for one of Polly's.</summary>
    public ApiConnectionException ToApiException(in FailureContext call, Exception said) => By switch
    {
        RejectedBy.CircuitBreaker => new CircuitOpenException(said.Message, said) { Call = call, RetryAfter = RetryAfter },
        RejectedBy.Bulkhead => new BulkheadFullException(said.Message, said) { Call = call, Limit = Waited },
        RejectedBy.RateLimit => new RateLimitedException(said.Message, said) { Call = call, Limit = Waited, RetryAfter = RetryAfter },
        _ => new LoadShedException(said.Message, said) { Call = call, Limit = Waited },
    };

    private string Message(in FailureContext call) => By == RejectedBy.CircuitBreaker
        ? CircuitOpenException.MessageOf(call, RetryAfter, (string)Why!)
        : $"Pipeline {call.Name} {Why}";
}
