using System.Globalization;

namespace Resilience.Polly.Primitives;

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
