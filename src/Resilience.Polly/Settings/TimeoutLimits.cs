using System.ComponentModel;
using Resilience.Polly.Primitives;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>What a timeout may be, wherever it is set: in a configuration, in code, or for one call.</summary>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TimeoutLimits
{
    /// <summary>The shortest timeout: 1 millisecond. Only <see cref="TimeoutPhase.Pool"/> may be zero, which means: never wait.</summary>
    public static readonly TimeSpan Shortest = Kinds.Limit.Min;

    /// <summary>The longest timeout: 1 day. <see cref="Timeout.InfiniteTimeSpan"/> switches a phase off, from code only.</summary>
    public static readonly TimeSpan Longest = Kinds.Limit.Max;

    internal static readonly DurationKind Phase = Kinds.Limit.OrInfinite();

    // Zero is a way to wait for a pool, and the bulkhead knows it too: not at all.
    internal static readonly DurationKind Pool = Kinds.Wait.OrInfinite();

    /// <summary>Refuses a timeout that is out of range.</summary>
    /// <param name="timeout">The timeout; <see langword="null"/> stands for the pipeline's own and is fine.</param>
    /// <param name="phase">What it is for.</param>
    /// <param name="parameterName">How the exception names it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is out of range; the message says which range.</exception>
    public static void ThrowIfOutOfRange(TimeSpan? timeout, TimeoutPhase phase, string parameterName)
    {
        if (timeout is { } value)
        {
            (phase == TimeoutPhase.Pool ? Pool : Phase).ThrowIfOutOfRange(value, parameterName, Text.Of(phase));
        }
    }
}
