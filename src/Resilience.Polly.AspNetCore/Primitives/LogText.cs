using System.Globalization;
using System.Text;

namespace Resilience.Polly.AspNetCore.Primitives;

/// <summary>Text from outside as one line of a log, so that it cannot look like another line.</summary>
internal static class LogText
{
    private const int MaxLength = 1_024;

    /// <summary>Control characters, line and paragraph separators and marks of direction become <c>\uXXXX</c>; what is too long is cut.</summary>
    public static string OneLine(string text)
    {
        if (text.Length <= MaxLength && !text.Any(IsHidden))
        {
            return text;
        }

        var line = new StringBuilder();
        foreach (var character in text.Take(MaxLength))
        {
            _ = IsHidden(character) ? line.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}") : line.Append(character);
        }

        return text.Length > MaxLength ? line.Append('…').ToString() : line.ToString();
    }

    private static bool IsHidden(char character) => char.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
