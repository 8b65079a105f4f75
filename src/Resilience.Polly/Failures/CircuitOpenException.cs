using Resilience.Polly.Primitives;

namespace Resilience.Polly;

/// <summary>The circuit is open and the call was not made (guide: "OPEN (Failing Fast)"). The message begins with <c>Circuit breaker is OPEN</c>.</summary>
public sealed class CircuitOpenException : ApiConnectionException
{
    private readonly bool _isWrittenWhenRead;
    private string? _message;

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure.</param>
    public CircuitOpenException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    // For the pipeline's own circuit. These come with every call while it is open, and few are read: the message is written when it is.
    internal CircuitOpenException()
        : base("") => _isWrittenWhenRead = true;

    /// <inheritdoc/>
    public override string Message => _isWrittenWhenRead ? _message ??= MessageOf(PipelineName, RetryAfter) : base.Message;

    /// <summary>After which time a call may be let through, or <see langword="null"/> when the circuit was isolated by hand.</summary>
    public TimeSpan? RetryAfter { get; init; }

    internal static string MessageOf(string? pipelineName, TimeSpan? retryAfter) => MessageOf(pipelineName, retryAfter is { } wait
        ? $"the dependency keeps failing and is tried again in {Text.Of(wait)}. Degrade gracefully until then."
        : "it was isolated by hand and stays so until it is reset.");

    internal static string MessageOf(string? pipelineName, string why) => $"Circuit breaker is OPEN for pipeline '{pipelineName}': {why}";
}
