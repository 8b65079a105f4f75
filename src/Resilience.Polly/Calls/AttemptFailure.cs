using System.ComponentModel;
using Polly;

namespace Resilience.Polly;

/// <summary>
/// Tells a pipeline whose failure an exception is, where the transport knows more than the type of the exception says.
/// A transport sets it as <see cref="CallProperties.Failure"/> before it throws.
/// </summary>
/// <param name="exception">What the attempt throws. For any other exception the property says nothing.</param>
/// <param name="judgedAs">
/// The fact that decides on retry and circuit in its place where it is a failure, such as the <see cref="HttpStatusException"/> of a 503 whose body
/// cannot be read; the caller still gets <paramref name="exception"/>. <see langword="null"/> where the caller of the pipeline made the mistake: the exception reaches the caller as it
/// is, is not retried, and counts neither way.
/// </param>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AttemptFailure(Exception exception, Exception? judgedAs)
{
    /// <summary>What the attempt throws.</summary>
    public Exception Exception => exception;

    /// <summary>What it is judged as, or <see langword="null"/> where the caller made the mistake.</summary>
    public Exception? JudgedAs => judgedAs;

    /// <summary>What the exception is judged as, or <see langword="null"/> where the transport says nothing else.</summary>
    internal static Exception? Judged(Exception? exception, ResilienceContext context) => exception is null ? null : Of(exception, context)?.JudgedAs;

    /// <summary>Whether the transport says that the caller made the mistake.</summary>
    internal static bool IsCallers(Exception exception, ResilienceContext context) => Of(exception, context) is { JudgedAs: null };

    // The property may be that of an earlier attempt.
    private static AttemptFailure? Of(Exception exception, ResilienceContext context) =>
        context.Properties.TryGetValue(CallProperties.Failure, out var told) && ReferenceEquals(told.Exception, exception) ? told : null;
}
