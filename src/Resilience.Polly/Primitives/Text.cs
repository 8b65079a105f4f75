using System.Globalization;

namespace Resilience.Polly.Primitives;

/// <summary>How values look in messages, logs and summaries.</summary>
internal static class Text
{
    /// <summary>A duration as a person writes it: <c>250 ms</c>, <c>1.5 s</c>, <c>5 min</c>.</summary>
    public static string Of(TimeSpan duration) =>
        duration == Timeout.InfiniteTimeSpan ? "infinite"
        : duration >= TimeSpan.FromMinutes(5) ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0.##} min")
        : duration >= TimeSpan.FromSeconds(1) || duration == TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.##} s")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.##} ms");

    public static string Of(TimeoutPhase phase) => phase switch
    {
        TimeoutPhase.Connect => "connect timeout",
        TimeoutPhase.Read => "read timeout",
        TimeoutPhase.Write => "write timeout",
        TimeoutPhase.Pool => "pool timeout",
        TimeoutPhase.Attempt => "attempt timeout",
        _ => "total timeout",
    };
}

/// <summary>Names in a message: a few of them, however many there are, since nobody reads thousands and a log must take the line.</summary>
internal static class NameList
{
    private const int MaxNames = 8;
    private const int MaxLength = 200;

    /// <summary>The first names in the order given, and how many more there are.</summary>
    public static string Of(IEnumerable<string> names, string separator = ", ")
    {
        string[] all = [.. names];
        return all.Length == 0 ? "none"
            : all.Length <= MaxNames ? string.Join(separator, all.Select(Short))
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join(separator, all.Take(MaxNames).Select(Short))}{separator}{all.Length - MaxNames} more");
    }

    /// <summary>What is wrong with the name of a pipeline that there is not.</summary>
    public static string NoPipeline(IEnumerable<string> known) => $"there is no pipeline of this name, known are {Of(known)}";

    private static string Short(string name) => name.Length <= MaxLength ? name : $"{name.AsSpan(0, MaxLength)}...";
}
