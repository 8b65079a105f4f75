using System.Globalization;

namespace Resilience.Polly.Primitives;

/// <summary>Formats values for messages, logs and summaries.</summary>
internal static class Text
{
    /// <summary>A duration as a person writes it: <c>250 ms</c>, <c>1.5 s</c>, <c>5 min</c>.</summary>
    public static string Of(TimeSpan duration) =>
        duration == Timeout.InfiniteTimeSpan ? "infinite"
        : duration >= TimeSpan.FromMinutes(5) ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0.##} min")
        : duration >= TimeSpan.FromSeconds(1) || duration == TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.##} s")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.##} ms");

    /// <summary>A share of 0 to 1 in percent.</summary>
    public static string Share(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##} %");

    /// <summary>A phase as a person writes it: <c>read timeout</c>.</summary>
    public static string Of(TimeoutPhase phase) => $"{phase.ToString().ToLowerInvariant()} timeout";
}
