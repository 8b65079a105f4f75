using System.ComponentModel;
using Resilience.Polly.Primitives;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>The range of a timeout, wherever it is set: in a configuration, in code, or for one call.</summary>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TimeoutLimits
{
    /// <summary>The shortest timeout: 1 millisecond. Only <see cref="TimeoutPhase.Pool"/> may be zero, which means: never wait.</summary>
    public static readonly TimeSpan Shortest = Kinds.Limit.Min;

    /// <summary>The longest timeout: 1 day. <see cref="Timeout.InfiniteTimeSpan"/> switches a phase off, from code only.</summary>
    public static readonly TimeSpan Longest = Kinds.Limit.Max;

    internal static readonly DurationKind Phase = Kinds.Limit.OrInfinite();

    // Zero for a pool means never wait, as for the bulkhead.
    internal static readonly DurationKind Pool = Kinds.Wait.OrInfinite();

    /// <summary>Throws if a timeout is out of range.</summary>
    /// <param name="timeout">The timeout; <see langword="null"/> means the pipeline's own and is allowed.</param>
    /// <param name="phase">The phase that it limits.</param>
    /// <param name="parameterName">Its name in the exception.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is out of range; the message states the range.</exception>
    public static void ThrowIfOutOfRange(TimeSpan? timeout, TimeoutPhase phase, string parameterName)
    {
        if (timeout is { } value)
        {
            (phase == TimeoutPhase.Pool ? Pool : Phase).ThrowIfOutOfRange(value, parameterName, Text.Of(phase));
        }
    }
}
