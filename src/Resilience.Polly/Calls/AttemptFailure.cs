using System.ComponentModel;
using Polly;

namespace Resilience.Polly;

/// <summary>
/// Tells a pipeline whose failure an exception is, if the transport knows more than the exception's type says.
/// A transport sets it as <see cref="CallProperties.Failure"/> before it throws.
/// </summary>
/// <param name="exception">What the attempt throws. The property applies to this exception only.</param>
/// <param name="judgedAs">
/// If it is a failure, this fact decides on retry and circuit instead of the exception, for example the <see cref="HttpStatusException"/> of a 503 whose body
/// cannot be read. The caller still gets <paramref name="exception"/>. <see langword="null"/> means that the caller of the pipeline made the mistake: the exception reaches it
/// unchanged, is not retried, and counts neither way.
/// </param>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AttemptFailure(Exception exception, Exception? judgedAs)
{
    /// <summary>What the attempt throws.</summary>
    public Exception Exception => exception;

    /// <summary>What it is judged as, or <see langword="null"/> if the caller made the mistake.</summary>
    public Exception? JudgedAs => judgedAs;

    /// <summary>What the exception is judged as, or <see langword="null"/> if the transport says nothing else.</summary>
    internal static Exception? Judged(Exception? exception, ResilienceContext context) => exception is null ? null : Of(exception, context)?.JudgedAs;

    /// <summary>Whether the transport says that the caller made the mistake.</summary>
    internal static bool IsCallers(Exception exception, ResilienceContext context) => Of(exception, context) is { JudgedAs: null };

    // The property may still be that of an earlier attempt.
    private static AttemptFailure? Of(Exception exception, ResilienceContext context) =>
        context.Properties.TryGetValue(CallProperties.Failure, out var told) && ReferenceEquals(told.Exception, exception) ? told : null;
}
