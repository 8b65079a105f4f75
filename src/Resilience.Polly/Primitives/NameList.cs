using System.Globalization;

namespace Resilience.Polly.Primitives;

/// <summary>A list of names in a message. It shows only a few: a log line must hold it, and thousands help no reader.</summary>
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

    /// <summary>The fault of a pipeline name that does not exist.</summary>
    public static string NoPipeline(IEnumerable<string> known) => $"there is no pipeline of this name, known are {Of(known)}";

    private static string Short(string name) => name.Length <= MaxLength ? name : $"{name.AsSpan(0, MaxLength)}...";
}
