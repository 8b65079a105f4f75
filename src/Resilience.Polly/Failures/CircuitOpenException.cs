using Resilience.Polly.Failures;
using Resilience.Polly.Primitives;

namespace Resilience.Polly;

/// <summary>The circuit is open and the call was not made (guide: "OPEN (Failing Fast)"). The message begins with <c>Circuit breaker is OPEN</c>.</summary>
/// <remarks>The <see cref="Exception.InnerException"/> is the failure of the earlier call that opened the circuit. It is <see langword="null"/> if that failure was a result, and while the circuit is isolated.</remarks>
public sealed class CircuitOpenException : ApiConnectionException
{
    // Why a pipeline rejects. While its circuit is open every call gets an exception, and few are read. So the base message is only the reason, told from other
    // texts by its reference, and the message is built when it is read.
    internal static readonly string KeepsFailing = new("the dependency keeps failing".AsSpan());
    internal static readonly string IsIsolated = new("it was isolated by hand".AsSpan());

    private readonly TimeSpan _retryAfter = Timeout.InfiniteTimeSpan; // half the size of a nullable one

    /// <inheritdoc/>
    public CircuitOpenException()
        : this("Circuit breaker is OPEN.")
    {
    }

    /// <inheritdoc/>
    public CircuitOpenException(string message)
        : this(message, null)
    {
    }

    /// <inheritdoc/>
    public CircuitOpenException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal CircuitOpenException(in FailureContext call, TimeSpan? retryAfter, string why, Exception? cause)
        : base(why, cause, HttpRequestError.Unknown)
    {
        Call = call;
        RetryAfter = retryAfter;
    }

    /// <inheritdoc/>
    public override string Message =>
        ReferenceEquals(base.Message, KeepsFailing) || ReferenceEquals(base.Message, IsIsolated) ? MessageOf(Call, RetryAfter, base.Message) : base.Message;

    /// <summary>The time until a call may be let through, or <see langword="null"/> if the circuit was isolated by hand without an end.</summary>
    public TimeSpan? RetryAfter
    {
        get => _retryAfter == Timeout.InfiniteTimeSpan ? null : _retryAfter;
        init => _retryAfter = value ?? Timeout.InfiniteTimeSpan;
    }

    internal static string MessageOf(in FailureContext call, TimeSpan? retryAfter, string why) => MessageOf(call, retryAfter is { } wait
        ? $"{why} and is tried again in {Text.Of(wait)}. Degrade gracefully until then."
        : "it was isolated by hand and stays so until it is reset.");

    internal static string MessageOf(in FailureContext call, string why) => $"Circuit breaker is OPEN for pipeline {call.Name}: {why}";
}
